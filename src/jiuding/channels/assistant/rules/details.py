"""The smaller slots of a need: repayment, collateral, urgency, wishes, lenders, who asks.

Each finder returns a value and where it stood, or nothing; none of them guesses.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from jiuding.channels.assistant.rules.money import age_in
from jiuding.channels.assistant.rules.numbers import numbers_in, value_of
from jiuding.channels.assistant.types import Mention

Found = tuple[Any, int, int]

_NOT = re.compile(
    r"(?:不要|别|不想|不用|不是|不接受|避免|\bnot|\bno|don't want|\bwithout)\s*(?:an? |是|用|"
    r"要)?$"
)
_REPAYMENT = tuple((value, re.compile(pattern)) for value, pattern in (
    ("revolving",
        r"随用随还|随取随还|随时借随时还|用多少还多少|用一天算一天|循环用|随借随还|循环(?:额度|"
        r"贷|使用|授信)?|透支|\b(?:revolving|line of credit|credit line|"
        r"overdraft facility|(?<!off my )(?<!off an )(?<!clear my )(?<!my )overdraft|"
        r"draw ?down as)\b"),
    ("equal_principal",
        r"等额本金|本金等额|每月(?:还)?(?:一样|相同|固定)的?本金|\b(?:equal principal|"
        r"fixed principal|straight[- ]line|level principal)\b"),
    ("equal_payment",
        r"等额本息|等本等息|每月(?:还|还款)(?:一样多|固定|相同)|\b(?:equal (?:monthly )?(?:paym"
        r"ents?|instal?lments?|repayments?)|level (?:payments?|repayments?)|"
        r"fixed (?:monthly )?(?:payments|instal?lments|repayments)|same (?:amount|"
        r"payment) (?:every|each) month|principal and interest)\b"),
    ("interest_only",
        r"先息后本|按月付息|只还利息|每月付息|先还利息|月月付息|按季付息|先付息|"
        r"\binterest[- ]only\b|\bpay (?:just|only) (?:the )?interest\b"),
    ("bullet",
        r"到期(?:一次性?)?还本?(?:付息|本息|清)?|一次性还(?:本|清|完|款)?|到期还本|一次还清|"
        r"到期一把还|一次性结清|利随本清|\b(?:bullet|balloon|lump sum at the end|(?:pay|"
        r"repay)(?:ing)? (?:it |everything )?(?:all )?(?:back )?(?:in one go|in a lump sum|"
        r"at the end|at once at the end|at maturity)|one payment at the end)\b"),
))  # fmt: skip
# Interest by the month and the sum at the end, said in two clauses.
_INTEREST_APART = re.compile(
    r"利息[^,.;]{0,4}(?:按?月|一个月)[^,.;]{0,3}[付还交][^;]{0,6}本金?[^,.;]{0,3}(?:到期|最后)"
    r"|\binterest (?:each|every|a) month[^;]{0,24}\b(?:principal|capital|the rest|"
    r"sum)[^;]{0,10}\bat the end"
)
_COLLATERAL = tuple((value, re.compile(pattern)) for value, pattern in (
    ("none",
        r"(?:无|免|不要|没有?|不用|不需要|不想|不做|不提供|不|没有任何|没有什么|"
        r"没什么)(?:任何)?(?:做)?抵押(?:物|担保|品)?|信用贷(?!卡)|纯信用|没(?:有)?(?:房产?|"
        r"东西)(?:可)?抵押|无担保|\b(?:unsecured|no (?:collateral|security|assets?)|"
        r"without (?:any )?(?:collateral|security|securing)|not secured|nothing to (?:secure|"
        r"pledge)|(?:don't|do not) have (?:any )?(?:collateral|security))\b"),
    ("house",
        r"(?:抵押|押|质押)(?:我?的?|自己的?|一?套|家里的?|老家的?|现有的?|名下的?|自住的?|"
        r"厂)?(?:房|住宅|商铺|公寓|别墅|铺面|门面|店面|写字楼)|(?:铺面|门面|店面|写字楼|办公楼|"
        r"仓库|房子?|房产|房屋|住房|房本|房产证|商铺|厂房|公寓|别墅|住宅)(?:来|去|做|作|可以|"
        r"能|当|可|拿去|拿来)?(?:为)?(?:抵押|押|担保|质押)|房抵|有房(?:产)?(?:可以?)?(?:抵|"
        r"做抵)|(?:拿|用)(?:我?的?|自己的?|家里的?|老家的?)?(?:一?套)?(?:房子?|房产|"
        r"房本)(?:来)?(?:抵|押|做|作|担)"
     r"|\b(?:(?:against|secured? (?:on|by|against|with)|backed by|as security|mortgage on|"
     r"lien on|pledge|using|put up|offer)\s+(?:it (?:on|against) )?(?:my |our |the |a |his |"
     r"her )?(?:own )?(?:house|home|flat|apartment|property|condo|building|"
     r"shop premises)(?! loan)|home equity|heloc|equity in (?:my|our) (?:house|home|flat|"
     r"property)|(?:house|home|property|flat|apartment) as (?:collateral|security|guarantee))\b"),
    ("car",
        r"(?:抵押|押|质押)(?:我?的?|自己的?|一?辆|名下的?|现有的?)?(?:汽?车|货车|车辆|小车)|"
        r"(?:汽?车子?|车辆|行驶证|大本|绿本|货车|宝马|奔驰)(?:来|去|做|作|可以|能|当|"
        r"可)?(?:为)?(?:抵押|押|担保|质押)|车抵(?!掉|给|了|个|\d|[一二两三四五六七八九十])|押车|"
        r"押证"
     r"|\b(?:(?:against|secured? (?:on|by|against|with)|backed by|lien on|pledge|using|put up|"
     r"offer)\s+(?:it (?:on|against) )?(?:my |our |the |a |his |her )?(?:own )?(?:car|"
     r"vehicles?|truck|van|motorbike)(?! loan)|title loan|logbook loan|(?:car|vehicles?|truck|"
     r"van) (?:itself )?as (?:collateral|security|guarantee))\b"),
    ("land",
        r"(?:抵押|押|质押)(?:我?的?|自己的?|一?块|家里的?)?(?:土地|宅基地|地|林权|承包地)|"
        r"(?:土地|宅基地|地皮|林权证?|地|承包地|土地证|土地使用权)(?:来|去|做|作|可以|能|当|"
        r"可)?(?:为)?(?:抵押|担保)"
     r"|\b(?:(?:against|secured? (?:on|by|against|with)|using|pledge|offer)\s+(?:my |our |the |"
     r"a |some )?(?:land|farmland|paddock|plot)|(?:land|farmland|plot) as (?:collateral|"
     r"security))\b"),
))  # fmt: skip
_BOTH_KINDS = re.compile(
    r"信用贷[^,;]{0,6}抵押贷|抵押贷[^,;]{0,6}信用贷|\bsecured (?:and|or|vs|versus|"
    r"against) (?:an )?unsecured|\bunsecured (?:and|or|vs|versus) (?:a )?secured"
)
_DAYS = tuple((value, re.compile(pattern)) for value, pattern in (
    (1, r"明天|明儿|明日|次日|一天内|\btomorrow\b|\bnext day\b|\bovernight\b"),
    (2, r"后天|\bday after tomorrow\b"),
    (0,
        r"今天|今日|今晚|应(?:个|一?下)?急|救急|救命钱|火烧眉毛|刻不容缓|等着用|等钱用|"
        r"马上(?!到期)|立刻|立即|现在就|立马|急用|急需|着急用|很急|火急|加急|尽快|"
        r"越快越好|当天|秒到|即刻|\b(?:today|right now|right away|immediately|asap|"
        r"urgent(?:ly)?|at once|straight away|instantly|same[- ]day|as soon as possible|"
        r"tonight|this (?:morning|afternoon|evening))\b"),
    (7,
        r"(?:这|本|一)(?:个)?(?:周|星期|礼拜)(?:内|之内|以内)|下(?:个)?(?:周|星期|"
        r"礼拜)[一二三四五六日天末]?(?:之?前|就?要|内|用|得)|这周|本周|下周(?=要|用|就|前|得)|"
        r"\b(?:within a week|in a week|this week|by next week|next week|"
        r"by the end of the week)\b"),
    (14, r"\b(?:within|in) a fortnight\b|半个月(?:内|之内|以内)"),
    (30,
        r"(?:这|本)个?月(?:内|底前?)|\b(?:by next month|within a month|(?:by|before|within|needed?|"
        r"need it|sorted) this month|"
        r"by the end of the month)\b"),
))  # fmt: skip
_PREFS = tuple((value, re.compile(pattern)) for value, pattern in (
    ("lowest_cost",
        r"利[息率](?:要|越|得)?(?:最|越|更|尽量)?低(?!于)(?:点|些|的|一点)?|最?(?:便宜|划算|"
        r"省钱|实惠|优惠(?![完后下]|政策|券|了))|低息|(?:最低|低)(?:的)?(?:利息|利率|年化|成本)|"
        r"成本最低|总成本|利[息率](?:可?别|不要|不能|不想)太高|"
        r"利息(?:最少|少)|(?:利率|利息)谁(?:家)?(?:最)?低|\b(?:(?:lowest|cheapest|best|low|"
        r"lower|cheaper|cheap)(?:[- ](?:possible|overall|total|annual|true))?[- ](?:rates?|"
        r"interest|apr|cost|price|deal|loan|option|way|fees?|car loan|home loan|personal loan|"
        r"mortgage|business loan|[a-z]+ loan|[a-z]+ mortgage)|cheapest|lowest rate|lowest|"
        r"cheap(?:er)?|least interest|best rates?)\b"),
    ("lowest_monthly",
        r"月供(?:要|越|得)?(?:最|越|尽量)?(?:低|少|轻)(?!于)(?:点|些|一点)?|(?:最低|最少|"
        r"最轻)的?月供|每月(?:少还|还得少|压力小)|压力(?:最)?小|\b(?:(?:lowest|smallest|low|"
        r"lower|small) (?:monthly )?(?:payments?|repayments?|instal?lments?))\b"),
    ("fast",
        r"(?:放款|到账|审批|下款|批款|批)(?:要|得|速度|越|最)?快|最快|快(?:点|些)(?:放款|到账|"
        r"批|下)|秒批|秒到|\b(?:fast(?:est)?|quick(?:est|ly)?|speedy)\b"),
    ("early_repayment",
        r"(?:可以|能|想|随时)提前还|提前还款?(?:不|没|免)(?:收|要|有)?(?:手续费|违约金|罚)|"
        r"\b(?:no (?:early (?:repayment|exit|settlement)|prepayment) (?:fees?|penalt\w+|"
        r"charges?)|pay (?:it )?off early|overpay)\b"),
    ("no_fees",
        r"(?:无|免|不收|没有|不要)手续费|零手续费|\b(?:no fees?|fee[- ]free|zero fees?|"
        r"without fees)\b"),
    ("fixed_rate", r"固定利率|\bfixed(?:[- ]rate| interest| rate)\b"),
    ("variable_rate", r"浮动利率|\b(?:variable|floating)[- ]rate\b"),
    ("online",
        r"线上(?:办|申请)|不(?:想)?(?:去|跑)(?:网点|银行|柜台)|全程线上|\b(?:fully online|"
        r"all online|online only)\b"),
))  # fmt: skip
_LENDERS = re.compile(
    r"工商银行|建设银行|农业银行|中国银行|交通银行|招商银行|平安银行|民生银行|浦发银行?|"
    r"兴业银行|光大银行|中信银行|华夏银行|广发银行|邮储银行?|邮政储蓄|微众银行?|网商银行?|"
    r"宁波银行|北京银行|上海银行|江苏银行|工行|建行|农行|中行|交行|招行|平安(?!无事)|"
    r"民生(?!意)|微粒贷|借呗|花呗|京东金条|度小满|网贷|小贷公司|小额贷款公司|民间借贷|高利贷"
    r"|\b(?:commonwealth bank|commbank|cba|westpac|anz|nab|ing|macquarie|bankwest|suncorp|"
    r"st\.? george|bendigo|hsbc|barclays|lloyds|natwest|santander|halifax|monzo|revolut|"
    r"nationwide|chase|citi(?:bank)?|wells fargo|bank of america|capital one|sofi|upstart|"
    r"payday (?:loans?|lenders?)|icbc|ccb|abc bank|cmb|boc|dbs|ocbc|ubank|latitude|"
    r"loan sharks?)\b"
)
_LENDER_GENERAL = re.compile(r"网贷|小贷|小额|民间|高利|payday|loan shark|花呗|借呗")
_EXCLUDE_BEFORE = re.compile(
    r"(?:不要|除了|除|别(?:给我)?(?:推荐?|用|找|选)?|不想(?:用|找|要|碰|跟|去|选)?|不(?:用|"
    r"考虑|接受|去|选|碰)|排除|拒绝|避开|不想再?用|不找|不走)[^,.;]{0,6}$"
    r"|(?:\bno|\bnot|except(?: for)?|excluding|exclude|(?:any|every)(?:one|body|thing| bank|"
    r" lender)? (?:but|except)|other than|avoid|apart from|without|but not|anyone but|"
    r"anything but|don't want|never|skip|leave out)\s+(?:with |from |using |to use |any |"
    r"a )?(?:[a-z ]{1,14} (?:or|and) )?$"
)
_APPLICANT = tuple((value, re.compile(pattern)) for value, pattern in (
    ("joint",
        r"(?:和|跟|与)(?:我)?(?:老婆|老公|妻子|丈夫|爱人|媳妇|太太|先生|家里那位|对象|家人|父母|"
        r"爸妈|弟弟|哥哥)[^,.;]{0,5}(?:一起|一块|共同|联名|两个人|俩|合)|我(?:和|跟|与)(?:我)?"
        r"(?:老婆|老公|妻子|丈夫|爱人|媳妇|太太|先生)(?:都|也|就)?(?:想|要|打算|准备|计划|贷|买|借|"
        r"申请)|小两口|我们?两口子|夫妻(?:俩|两个?|共同|一起|联名)|共同(?:借款|贷款|"
        r"申请)|联名|\b(?:(?:my (?:wife|husband|partner|spouse|fianc[eé]e?) and (?:i|me)|(?:me|"
        r"i) and my (?:wife|husband|partner|spouse))|(?:together )?with my (?:wife|husband|"
        r"partner|spouse)|joint(?:ly)? (?:application|loan|borrow\w*|mortgage|apply|"
        r"applicants?)|jointly)\b"),
    ("student",
        r"我(?:是|还是|就是)?(?:个|一名|在校)?(?:大学|高中|研究)?(?:学生|大[一二三四]|研究生)|"
        r"在校(?:大)?学生|还在(?:上|读)(?:大学|学|研)|\b(?:i'?m a (?:\w+ )?student|"
        r"i am a (?:\w+ )?student|as a student|and a (?:\w+ )?student|full[- ]time student)\b"),
    ("self_employed",
        r"个体户?|自由职业|自己干|接私活|自己做(?:点)?(?:小)?生意|自雇|个体工商户|做(?:小)?买卖|"
        r"[跑开](?:滴滴|"
        r"网约车|外卖)|\b(?:self[- ]employed|sole trader|freelanc\w+|contractor|gig worker|"
        r"uber driver|(?:drive|driving|deliver\w*) for (?:uber|lyft|bolt|ola|grab|doordash|"
        r"deliveroo)|"
        r"own boss|tradie|subcontract\w+)\b"),
    ("farmer",
        r"我(?:是|们是)?(?:个)?农民|农户|种粮大户|养殖户|种植户|\b(?:i'?m a farmer|"
        r"i am a farmer|as a farmer|dairy farmer)\b"),
    ("retired",
        r"退休(?:了|职工|人员|教师|工人|老人)|我(?:已经|已)?退休|\b(?:retired|retiree|"
        r"pensioner)\b"),
    ("unemployed",
        r"失业|没(?:有)?工作|下岗|待业|\b(?:unemployed|out of work|between jobs|jobless|"
        r"no job)\b"),
))  # fmt: skip
_FIRM = (
    r"(?:小?公司|厂子?|工厂|企业|小?饭馆|馆子|饭店|餐馆|餐厅|超市|车行|商行|铺子|门店|店铺|店里?|小店|"
    r"合作社|酒店|诊所|工作室|奶茶店|面馆|民宿|农场|养殖场|车队|工程队|分店|门面|网店|服装店|"
    r"理发店|咖啡馆|幼儿园|药店)"
)
_BUSINESS = re.compile(
    rf"(?:我们?|咱们?|本|我家|我的|自己的|我这|自家|我开的?|经营的?|名下的?|"
    rf"朋友的)(?:一?[家个间])?[^,.;不开盘弄整想要买租]{{0,5}}?{_FIRM}(?!上班|工作|学|打工|当)|"
    rf"(?:我|自己|家里|夫妻|两口子)(?:开|经营|干|搞|做)(?:了|着|"
    rf"的)?(?:一?[家个间])?[^,.;想]{{0,6}}{_FIRM}|"
    rf"(?:^|[,.;])(?:我)?开(?:了|着)(?:一?[家个间])?[^,.;想]{{0,6}}(?:{_FIRM}|铺)|"
    rf"(?:店里|厂里)(?:那|这|的)[台个套批]|(?:付|给)(?:公司|"
    rf"厂里)(?:的)?(?:货款|工资|租金)|"
    rf"^(?!租[个一间])[^,.;开想借贷我盘买把]{{0,8}}{_FIRM}(?:马上|现在|最近|旺季|年底|平时|里|"
    rf"这边|急着|今年)*"
    rf"(?:备|囤|补|添|上新|加|装|差|压|旺季|扩建|翻|招|付|给|搬|要|想|需|急|准备|打算|缺|进|扩|"
    rf"买|换|发|资金|周转|采购|"
    rf"接|装修|升级|贷|借)|(?<![新开贷小])(?:公司|企业|厂里|店里|厂子)(?:平时|日常|现在|最近|急|"
    rf"里)?(?:要|需|想|周转|用|买|换|"
    rf"采购|扩|发|缺|急|资金|进|备|囤|补|添|差)|公司的(?=[,.;!]|$)|公司(?:账上|账户上)|"
    rf"(?:店里|厂里|公司)(?:的)?[^,.;我]{{0,8}}(?:坏了|旧了|老化|不够用|转不[动开])|扩建厂房|新厂房|厂房(?:扩|改|装|租)|企业贷款?|"
    rf"小微企业|对公|以公司名义|公司名义|公司(?:贷款|借款|"
    rf"申请)|企业经营"
    r"|\b(?:(?:my|our)(?: own)?(?: small| little| family| new)? (?:[a-z]+ ){0,2}?(?:business|"
    r"company|shop|bakery|cafe|café|restaurant|firm|store(?! cards?)|salon|garage|factory|startup|"
    r"workshop|food truck|practice|clinic|pub|hotel|agency|brewery|warehouse|studio|takeaway|"
    r"deli|plumbing|trucking|landscaping|gym|florist|barbershop)|business loan|(?:the|a|"
    r"small) (?:business|company) (?:needs?|wants?|loan|requires?)|(?:we|i) (?:run|own|operate|"
    r"manage) an? [a-z ]{0,20}(?:company|firm|business|shop|store|cafe|restaurant|bakery|salon|"
    r"farm|garage|gym|startup)|we(?:'re| are) an? [a-z -]{0,20}(?:company|firm|business|startup|"
    r"manufacturer|bakery|cafe|restaurant|shop|store|salon|garage|brewery|gym|clinic|studio|"
    r"farm|agency|pub|hotel|school|charity|contractor|builders?|wholesaler|retailer)|"
    r"(?:at|in|for|from|run(?:ning)?|stock(?:ing)?|re-?fit(?:ting)?|renovat(?:e|ing)|"
    r"expand(?:ing)?|do(?:ing)? up|"
    r"fit(?:ting)? out) the (?:shop|store(?! cards?)|bakery|salon|workshop|factory|restaurant|cafe|"
    r"café|pub|clinic|takeaway|garage business|office|warehouse|studio)|"
    r"(?:grow|expand|run|support|keep)(?:ing)? (?:the|my|our|a) business|"
    r"i(?:'ve got| have) an? (?:small |little )?[a-z ]{0,12}(?:shop|business|cafe|bakery|salon|"
    r"restaurant|company|firm|store|garage|gym)|(?:company|business) (?:needs?|purposes?|"
    r"expenses)|(?:limited company|"
    r"pty ltd|llc|our fleet|our staff|our employees|our suppliers)|for (?:the|my|"
    r"our) (?:business|company|firm))\b"
)
_PAYEE = re.compile(
    r"(?:转账?|汇款?|打钱?|付款?|还|付)(?:[\s\d,.一二两三四五六七八九十百千万w块元钱]*)(?:给|"
    r"到)(?P<zh>[\u4e00-\u9fff]{1,6}?)(?:[\d一二两三四五六七八九十百]|的?账户|的?卡|账上|转|当|做|买|交|吧|"
    r"[,.]|$)|(?:给|向|往)(?P<zh2>[\u4e00-\u9fff]{1,5}?)(?:的?账户|的?卡上?)?(?:转|汇|打|"
    r"付|发(?=[\d一二两三四五六七八九]))(?!款买)"
    r"|\b(?:pay|send|transfer|wire|move|ping|bung|shoot)\b[^.;]{0,30}?\bto (?:the )?(?P<en>(?:my )?"
    r"[a-z][a-z']+"
    r"(?: (?!for|on|from|by|next|tomorrow|now|today|please|via|asap)[a-z][a-z']+)?)|\b(?:pay|"
    r"send|wire) (?!off|back|out|down|my|the|a|it|for|in|on|\W?\d)(?P<en2>[a-z]+) (?=\W?\d)|"
    r"\bpay (?P<en3>(?!my |the |off |back )[a-z]+) (?=\W?\d)"
    r"|\b(?:pay|send|wire|transfer) (?P<en4>my (?!loan|mortgage|card|bill|rent|account)[a-z]+"
    r"(?: (?!an? |one |two |three |four |five |six |seven |eight |nine |ten |twenty |thirty |"
    r"forty |"
    r"fifty |sixty |seventy |eighty |ninety |a |back |for |some |the )[a-z]+)?)"
    r"(?= (?:\W?\d|an? (?:hundred|thousand|grand|fiver|tenner)|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b)"
)


def repayment_in(norm: str) -> Found | None:
    """Return how the customer wants to repay."""
    apart = _INTEREST_APART.search(norm)
    if apart is not None:
        return "interest_only", apart.start(), apart.end()
    best: Found | None = None
    kinds: set[str] = set()
    for value, pattern in _REPAYMENT:
        for match in pattern.finditer(norm):
            if _NOT.search(norm[max(0, match.start() - 12) : match.start()]):
                continue
            kinds.add(value)
            if best is None or match.start() < best[1]:
                best = (value, match.start(), match.end())
    return best if len(kinds) == 1 else None  # two ways named together are being compared


def collateral_in(norm: str) -> Found | None:
    """Return what secures the loan: house, car, land or none."""
    if _BOTH_KINDS.search(norm):
        return None
    for value, pattern in _COLLATERAL:
        match = pattern.search(norm)
        if match is None:
            continue
        if value != "none" and _NOT.search(norm[max(0, match.start() - 12) : match.start()]):
            return "none", match.start(), match.end()
        return value, match.start(), match.end()
    return None


def days_in(norm: str, terms: list[Mention]) -> Found | None:
    """Return within how many days the money is needed; 0 is at once."""
    for term in terms:
        if term.role == "within":
            days = term.high if term.label == "day" else term.high * 30
            return int(days.to_integral_value(rounding="ROUND_CEILING")), term.start, term.end
    for value, pattern in _DAYS:
        match = pattern.search(norm)
        if match is not None:
            return value, match.start(), match.end()
    return None


_LOWER_THAN = re.compile(r"\s*(?:于|to\b(?! (?:finance|borrow|pay|buy|get)))")


def prefs_in(norm: str) -> tuple[list[str], int, int] | None:
    """Return what the customer wants of the offer besides its figures."""
    found = [(value, match) for value, pattern in _PREFS if (match := pattern.search(norm))]
    found = [
        (value, match)
        for value, match in found
        if not re.search(r"(?:不要|不想要|\bnot)\s*$", norm[: match.start()])
        and not (value == "lowest_cost" and _LOWER_THAN.match(norm, match.end()))
    ]
    if not found:
        return None
    return [value for value, _ in found], found[0][1].start(), found[0][1].end()


def lenders_in(norm: str) -> tuple[Found | None, Found | None]:
    """Return the lenders wanted and those not wanted, each as the customer names them."""
    wanted: list[re.Match[str]] = []
    unwanted: list[re.Match[str]] = []
    for match in _LENDERS.finditer(norm):
        before = norm[max(0, match.start() - 24) : match.start()]
        joined = unwanted and norm[unwanted[-1].end() : match.start()].strip() in (
            "和", "与", "跟", "或", ",", "及", "and", "or", ", or", ", and", "nor"
        )  # fmt: skip
        if joined or _EXCLUDE_BEFORE.search(before):
            unwanted.append(match)
        elif not _LENDER_GENERAL.search(match.group()):
            wanted.append(match)
    return _names(wanted), _names(unwanted)


def _names(matches: list[re.Match[str]]) -> Found | None:
    if not matches:
        return None
    return [match.span() for match in matches], matches[0].start(), matches[0].end()


def applicant_in(norm: str) -> Found | None:
    """Return who asks, when the sentence says more than "I"."""
    for value, pattern in _APPLICANT:
        match = pattern.search(norm)
        if match is not None:
            return value, match.start(), match.end()
    return None


def age_of(norm: str) -> Found | None:
    """Return the customer's age in whole years when it is from 10 to 110."""
    found = age_in(norm)
    if found is None:
        return None
    start, end, words = found
    value = value_of(words) if not words.isascii() or words.isdigit() else None
    if value is None:
        numbers = numbers_in(words)
        value = numbers[0].low if len(numbers) == 1 else None
    if value is None or not Decimal(10) <= value <= 110 or value != int(value):
        return None
    return int(value), start, end


def business_in(norm: str) -> Found | None:
    """Tell whether a business is named as the one that borrows."""
    match = _BUSINESS.search(norm)
    return None if match is None else (True, match.start(), match.end())


def payee_in(norm: str) -> Found | None:
    """Return who is to be paid, as named."""
    match = _PAYEE.search(norm)
    if match is None:
        return None
    for name in ("zh", "zh2", "en", "en2", "en3", "en4"):
        if match[name]:
            return match[name], match.start(name), match.end(name)
    return None
