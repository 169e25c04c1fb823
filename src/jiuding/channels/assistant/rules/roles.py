"""What each amount is: the sum to borrow, a price, money put down, a monthly limit, an income.

The nearest cue decides. Cues before an amount are looked for back to the value before it or to the
start of its clause, cues behind it up to the next value or the end of the clause.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from jiuding.channels.assistant.types import Mention

_N = r"[\s,:是为约在大概差不多要的了个到]{0,5}"
_BEFORE: tuple[tuple[str, int, str], ...] = (
    ("income", 3,
        r"月薪|工资|薪水|薪资|月入|收入|年薪|年入|到手|挣|赚|进账|退休金|养老金|流水|"
        r"\b(?:earn(?:ing|s)?|makes?(?! (?:that|it)\b)|making|salary|income|"
        r"take[- ]home(?: pay)?|wages?|bring(?:ing)? home|get paid(?!,)|paid(?!,)|pension|turnover|"
        r"revenue|on (?=\W?\d+k?,?\d* (?:a year|pa\b|per year)))\b"),
    ("left", 6, r"(?:就|只)剩(?:下)?$"),
    ("existing", 6, r"还(?:完|了|着)(?:房贷|车贷|网贷|信用卡)$"),
    ("income", 7, r"(?:^|[,.;])我(?:现在)?一个?月$"),
    ("existing", 4,
        r"(?:还着|在还|现有|已有|目前|另外|其他|其它|别的|背着|已经有)[^,.;]{0,10}(?:月供|"
        r"每个?月|月还|一个月|月付)|(?:房贷|车贷|信用卡|网贷|花呗|按揭)(?:每?个?月)?(?:还着|"
        r"在还|要还|得还|还)|(?:房贷|车贷|信用卡|网贷|贷款|花呗|负债|按揭|"
        r"债)[^,.;借]{0,4}(?:每个?月|月供|月还|一个?月|月付)[^,.;]{0,4}|(?:每个?月|月)(?:要|得|"
        r"已经|还要|都)?(?:还|供)?(?:着)?(?:房贷|车贷|信用卡|网贷|别的|其他|贷款|按揭)(?:要|得|"
        r"已经|都)?(?:还|供|付)?|现有月供|已有月供"
     r"|\b(?:already (?:pay|paying|repay\w*|spend)|(?:existing|current|"
     r"other)(?: monthly)? (?:debts?|loans?|repayments?|payments?|commitments?|"
     r"instalments?)(?: (?:are|is|of|cost|total|come to|take))?(?: me)?(?: about)?|"
     r"currently (?:pay|paying)|(?:already|got|have)[a-z' ]{0,12} (?:car loan|mortgage|loan|"
     r"car finance)"
     r" (?:at|for)\s*$|(?<!a )(?<!an )(?:mortgage|car payment|car finance|student loan)"
     r"(?: payment| repayment)?s? (?:is|are|costs?|takes?)(?: me)?(?: about)?|(?:my|"
     r"our) (?:mortgage|car loan|car payment|student loan|"
     r"credit cards?|other loans?|existing loan|debts?|loans)(?: payments?|"
     r" repayments?)? (?:is|are|costs?|takes?|run|of)(?: me)?|outgoings|"
     r"pay(?:ing)?(?= \W?[\d,k]+ (?:a month |monthly |per month )?(?:on|for|towards|"
     r"to) (?:other|my|an?|the|existing)))\b"),
    ("debt", 4,
        r"(?:网贷|信用卡|卡债|外债|欠款|小贷)[^,.;还借]{0,4}(?:一共|总共|加起来|合计)(?:有|是)?"),
    ("debt", 3,
        r"欠(?:了|着|款|下|债)?|负债|外债|剩余本金|未还(?:本金)?|(?:贷款|房贷|车贷)?余额|"
        r"还剩(?:下)?|剩下|没还(?:清|完)?的?|债务(?:有|一共)?|\b(?:owe|owing|debts? (?:of|is|"
        r"totals?|worth)|outstanding(?: balance)?(?: of| is)?|balance(?: of| is| left)?|"
        r"still owe|racked up|run up|debts? about|(?:cards?|debts?|loans?|overdrafts?) "
        r"(?:totall?ing|adding up to|coming to|worth))\b"),
    ("down", 3,
        r"(?:旧车|老车|车|置换)(?:能|可以)?抵(?:了|个|掉)?|自己(?=[\d一二两三四五六七八九十])|"
        r"首付(?:款)?|先付|首期|定金|订金|自己有|自己出|自己能?拿出?|手头有?|手里有?|手上有?|"
        r"自有资金|自有|自备|自筹|已有|已经有|存款(?:有)?|攒了|存了|凑了|凑到|积蓄|能拿出|能出|先交|先给|"
        r"先出|我(?:们|这边|自己)?(?:有|出|付|掏|先付)|掏得?出|凑得?出|准备了|我们有|有现金|"
        r"付了|交了|已付|卡里有|家里(?:给|出|支持|凑|赞助|添)|父母(?:给|出|支持|添|赞助)|"
        r"爸妈(?:给|出|"
        r"支持|添|赞助)|老人(?:给|出|添)|现有|可以付|能付|手上就|手头就|手里就|就有|只有|报销|医保"
        r"(?:报|出)|有"
     r"|\b(?:deposit(?: of| is)?|down ?payment(?: of| is)?|put(?:ting)?(?: down)?|"
     r"saved(?: up)?|savings(?: of)?|(?:i have|i've got|i've|we have|we've got|we've|have(?: got)?)"
     r"(?! to\b| got to\b| only got to\b)|"
     r"upfront|paying|already paid|(?<!do )with|trade[- ]?in(?: of| worth)?|cover(?:s|ed|ing)?|"
     r"contribut\w+|chip(?:s|ping)? in|(?:gave|giving|gives|lending|lent) (?:me|us)|kick(?:s|ing)? "
     r"in|put by|(?:can|could|will|i'll) (?:pay|stump up|throw in))\b"),
    ("price", 3,
        r"落地价?|车价|总价|房价|全款|裸车价?|标价|售价|价格|报价|价值|卖价|原价|成交价|房款|"
        r"车款|定价|全价|市价|评估价?|(?<!买)卖|花费|工程款|开价|要价|值|\b(?:costs?|costing|"
        r"priced(?: at)?|price(?: tag)?(?: is| of)?|worth|asking(?: price)?(?: is| of)?|"
        r"sticker|going for|goes for|sells? for|selling for|listed(?: at| for)?|valued(?: at)?|"
        r"purchase price(?: is| of)?|quoted(?: me)?|quote(?: is| of)|on sale for|"
        r"retails? (?:at|for)|it's(?! for)|total bill|comes to)\b"),
    ("amount", 4,
        r"借(?:给我|我|个|点|到|款)?|贷(?:款|个|到|点)?|缺口?|还?差(?!不多)|融资|还缺|"
        r"短(?:了)?|周转|申请|批(?:我|个)?|额度|按揭|提取|\b(?:borrow(?:ing)?(?: up to|"
        r" about)?|loan (?:of|for|amount)(?: up to)?|lend(?: me| us)?|short(?: by| of)?|"
        r"shortfall(?: of)?|missing|finance|financing(?: of)?|mortgage (?:of|for)|apply for|"
        r"advance(?: of)?|credit (?:of|line of)|raise|the rest|remaining|top up|just|(?:pay|"
        r"month|monthly|payments?|repayments?|cost|instal?lments?|"
        r"interest)\b[a-z ]{0,24}\b(?:on|for|of|with)(?: an?)?)\b"),
    ("total", 3,
        r"投入(?:得|要|需要)?|投资(?:得|要)|造价|办下来|装下来|弄下来|一共|总共|总计|合计|加起来|"
        r"共(?:要|需)|\b(?:in total|altogether|total(?: of| is)?|"
        r"all up|all in all|overall)\b"),
    ("need", 1,
        r"需要|需|要|想要|用|拿|弄|搞|来|整|急需|急用|给我|求|批|准备|预算|\b(?:needs?|want|"
        r"looking for|get|getting|after|require|request\w*|would like|i'd like|give me|seeking|"
        r"budget(?: is| of)?|could use|use|do with|another|extra)\b"),
    ("monthly", 4,
        r"月供|每个?月|一个?月|月还|月付|按月|每期|月均|还款额|\b(?:monthly(?: payments?|"
        r" budget| instal?lments?| repayments?)?|each month|a month|per month|every month|"
        r"(?:re)?payments?(?= (?:of|under|below|around|at|no more|less|up to|to|is|are|must|"
        r"should|can|within|max))|instal?lments?(?= (?:of|under|below|around|at|no more|less|"
        r"up to|to|is|are))|pay back(?= (?:at most|no more|up to|about|around)?\s*\W?\d)|"
        r"afford)\b"),
    ("monthly", 6, r"(?:每个?月|月供|一个月)(?:还|供|付)?$"),
    ("minus", 2, r"减去|扣掉|除去|\b(?:minus|less)\b"),
)  # fmt: skip
_AFTER: tuple[tuple[str, int, str], ...] = (
    ("income", 5,
        r"(?:的)?(?:工资|收入|月薪|薪水|年薪|退休金|养老金)|\s*(?:(?:a|per|each) (?:month|"
        r"year)|monthly|annual(?:ly)?|p\.?a\.?)?,?\s*(?:salary|income|take[- ]home|after tax|"
        r"before tax|net\b|gross\b|pension|wage|coming in|landing|to live on)|"
        r"\s*coming in|\s*(?:a|per|each|every) month,? (?:from|in|off) (?:my |the |a |our )?"
        r"(?:[a-z]+ )?(?:pension|job|work|wages?|benefits?|salary|rent|income|gigs?|business)"),
    ("existing", 6,
        r"\s*(?:a|per) month (?:car loan|mortgage|student loan|car payment|loan)\b"),
    ("existing", 6,
        r"\s*(?:(?:a|per|each|every) month|monthly)\s*(?:on|for|towards|to|in|goes to|"
        r"goes on)\s+(?:my |our |an? |the )?(?:other|existing|mortgage|car|student|credit|"
        r"debts?|loans?|current|rent|repayments)|的?(?:房贷|车贷|信用卡)(?:月供|每月)|\s*(?:in|"
        r"of) (?:existing|other|monthly debt|current)"),
    ("debt", 4,
        r"(?:多|左右)?(?:的|块|元)?(?:债|欠款|负债|外债|信用卡债|网贷|卡债|没还|信用卡|高息)|"
        r"\s*(?:in|of|worth of)?\s*(?:credit card |card |store card )?(?:debts?\b|owing|"
        r"outstanding|overdraft\b)|\s*(?:in|of|on|across|over)\s+(?:my |two |three |four |five |"
        r"six |"
        r"several |some |a few )*(?:credit |store )?cards?|\s*(?:still )?(?:left|remaining|"
        r"owed) (?:on|to)|\s*balance"),
    ("down", 5,
        r"(?:的|块|元)?(?:首付|存款|定金|积蓄|是自己的|自己出|现金)|\s*(?:as (?:a |"
        r"the )?)?(?:down(?! to)\b|deposit\b|saved\b|put by\b|stashed\b|in savings|savings\b|"
        r"upfront|up front|"
        r"of my own|in cash|cash\b|in the bank|put aside|trade[- ]?in|towards it)"),
    ("price", 5,
        r"(?:多|左右|块|元)?的(?!房贷|车贷)(?:一?[套辆台部个])?(?:新|二手|小|大|国产|电动|"
        r"新能源|豪华|轿|"
        r"越野|婚|学区|商品|楼|老)*(?:房|车|公寓|别墅|suv|机器|设备|货|装修|学费|家具|手机|"
        r"婚礼|特斯拉|宝马|奔驰|电脑)|(?:落地|全款|的?总价|裸车|的?价格)"
     r"|\s*(?:new |used |electric |family |second[- ]hand |2-bed |two bed |one bed |"
     r"three bed )*(?:house|home|flat|car|apartment|condo|property|suv|truck|van|place|"
     r"motorbike|ute|tesla|bike)\b(?! loan| mortgage)"),
    ("amount", 5,
        r"(?:的|块|元)?(?:贷款|额度|借款|车贷|房贷|缺口|消费贷|按揭|信用贷|经营贷)|"
        r"\s*(?:personal |home |car |business |small |auto |student |bank |secured |unsecured |"
        r"bridging |consumer |working capital |mortgage |interest[- ]only |line of |"
        r"dollar )*(?:loan|mortgage|credit\b(?! card)|short\b|financing|finance|overdraft|"
        r"advance)\b"),
    ("monthly", 6,
        r"(?:块|元)?(?:每个?月|一个?月|/月|的月供|月供|一期|每期)|\s*(?:(?:a|per|each|every|"
        r"/)\s?month\b|/\s?mo\b|monthly|p\.?/?m\b|pcm\b|mo\b|/mth|(?:monthly )?(?:repayments?|"
        r"instal?lments?|payments?)\b)"),
    ("total", 3, r"\s*(?:in total|altogether|all up|total\b|overall)"),
)  # fmt: skip
_BEFORES = tuple((role, strength, re.compile(pattern)) for role, strength, pattern in _BEFORE)
_AFTERS = tuple((role, strength, re.compile(pattern)) for role, strength, pattern in _AFTER)
_CLAUSE = re.compile(r"[;!?。\n]|[.,](?!\d)|(?<!\d)[.,]|\b(?:but|and then|then|and|with|plus)\b")
# 350 a month, 14k: the time base belongs to the amount before it.
_OWN_BASE = re.compile(
    r"^\s*(?:(?:a|per|each|every|/)\s?month\b|monthly\b|pcm\b|p\.?m\b|一个?月)(?=\s*[,.;])"
)
_BEFORE_WINDOW = 40
_AFTER_WINDOW = 32
_YEARLY = re.compile(
    r"年薪|年收入|年入|一年|每年|年终|全年|\b(?:a year|per year|annual(?:ly)?|yearly|per annum|"
    r"p\.?a\b|each year)"
)
_MONTHLY = re.compile(r"月|month|/mo|\bpm\b|weekly|a week")


def assign_roles(norm: str, moneys: list[Mention], others: list[Mention]) -> list[Mention]:
    """Return the amounts with the role that the nearest cue gives, and how strongly."""
    values = [other for other in others if other.role not in ("beat", "other")]
    edges = sorted(moneys + values, key=lambda mention: mention.start)
    return [_assign(norm, mention, edges) if not mention.role else mention for mention in moneys]


def _assign(norm: str, mention: Mention, edges: list[Mention]) -> Mention:
    left = max([edge.end for edge in edges if edge.end <= mention.start], default=0)
    right = min([edge.start for edge in edges if edge.start >= mention.end], default=len(norm))
    before = norm[max(left, mention.start - _BEFORE_WINDOW) : mention.start]
    after = norm[mention.end : min(right, mention.end + _AFTER_WINDOW)]
    if left and mention.start - left <= _BEFORE_WINDOW:
        before = _OWN_BASE.sub("", before)
    # Commas end a clause only when something stands between them and the amount.
    cut = [m.end() for m in _CLAUSE.finditer(before)]
    if cut and before[cut[-1] :].strip():
        before = before[cut[-1] :]
    end = _CLAUSE.search(after)
    if end is not None and end.group() not in ("with", "plus"):
        after = after[: end.start()]
    role, strength = _nearest(before, after)
    if role in ("monthly", "income", "need", "amount", ""):
        role = _refine(norm, mention, role, before, after)
    value = mention
    if role == "income":
        value = _per_month(norm, mention, before, after)
    return replace(value, role=role, strength=strength)


def _nearest(before: str, after: str) -> tuple[str, int]:
    best: tuple[float, str, int] | None = None
    for role, strength, pattern in _BEFORES:
        found = list(pattern.finditer(before))
        if found:
            last = found[-1]
            # A cue five characters away that is outright beats a general one next to the amount.
            score = strength * 4 - (len(before) - last.end())
            if best is None or score > best[0]:
                best = (score, role, strength)
    for role, strength, pattern in _AFTERS:
        match = pattern.match(after)
        if match is not None:
            score = strength * 4 - 1
            if best is None or score > best[0]:
                best = (score, role, strength)
    return (best[1], best[2]) if best is not None else ("", 0)


# "On 3k a month, could I …": what somebody is on is an income. 房贷四千五 beside a wage is paid
# by the month.
_LIVED_ON = re.compile(r"(?:^|[,.;]\s*|\bi'?m |\bwe'?re |\bbeing )on\s*$")
_A_BASE = re.compile(r"\s*(?:a|per|each) (?:month|year)\b")
_OWED_BARE = re.compile(r"(?:房贷|车贷|月供)(?:要|得|是|有)?$")
_WAGES = re.compile(r"工资|月薪|收入|月入|挣|到手")
_INSTALMENT_MAX = Decimal(20_000)


def _refine(norm: str, mention: Mention, role: str, before: str, after: str) -> str:
    window = before + "|" + after
    if role in ("monthly", "") and _LIVED_ON.search(before) and _A_BASE.match(after):
        return "income"
    if _OWED_BARE.search(before) and mention.high <= _INSTALMENT_MAX and _WAGES.search(norm):
        return "existing"
    if role == "amount":
        return role
    if role in ("monthly", "income"):
        for name in ("existing", "income"):
            for candidate, _, pattern in _BEFORES:
                if candidate == name and pattern.search(before):
                    return name
            for candidate, _, pattern in _AFTERS:
                if candidate == name and pattern.match(after):
                    return name
        return role
    if re.match(
        r"\s*(?:a|per|each|every) year|\s*p\.?a\b|\s*annually|一年", after
    ) and not re.search(r"cost|fee|tuition|学费", window):
        return "income"
    return role


def _per_month(norm: str, mention: Mention, before: str, after: str) -> Mention:
    window = before[-24:] + "|" + after[:20]
    yearly = _YEARLY.search(window) is not None
    if not yearly and not _MONTHLY.search(window) and norm.isascii():
        # An English salary without a time base is a yearly one when it is large.
        yearly = mention.low >= 20_000
    if not yearly:
        return mention
    cent = Decimal("0.01")
    return replace(
        mention, low=(mention.low / 12).quantize(cent), high=(mention.high / 12).quantize(cent)
    )
