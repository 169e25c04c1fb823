"""Preparing a sentence: folded to one alphabet, every character still traceable to its place.

Full width becomes half width, capitals small, traditional characters simplified, control and
direction marks vanish, and words that speech recognition is known to mishear are put right. Each
character of the reading copy keeps the index of the character it came from.
"""

from __future__ import annotations

import re
import unicodedata

from jiuding.channels.assistant.errors import TextEmpty, TextNotText, TextTooLong
from jiuding.channels.assistant.types import Reading

TEXT_CHARACTERS_MAX = 2_000

_TRADITIONAL = (
    "萬億圓貳參陸貸買賣車還個錢開裝學醫購業營塊兩幾點請問銀額頭訂從現價總計賬戶轉給資數據刪過"
    "沒無產萊飾飛幣區體為們說這樣該認裡誰讓辦審結進貨週轉終後際專訴實網機電話號單線紅綠藍當會來"
    "對於應嗎麼點時間間關門東西長張陳劉楊趙黃吳孫鄭馬謝許鄧馮離別歲嬰兒媽爸親婚禮遊費養護傢俱廠"
    "倉庫農種豬雞魚設備傳廣場園樓層債務擔憑證據險貧窮滿準確欠繳納稅罰獎優惠較適選擇與將僅夠"
    "壓縮寬緊慢難處經驗熱鬧靜誠聽覺夢術師練習題續繼維讀寫書報紙簡單雜複"
)
_SIMPLIFIED = (
    "万亿圆贰叁陆贷买卖车还个钱开装学医购业营块两几点请问银额头订从现价总计账户转给资数据删过"
    "没无产莱饰飞币区体为们说这样该认里谁让办审结进货周转终后际专诉实网机电话号单线红绿蓝当会来"
    "对于应吗么点时间间关门东西长张陈刘杨赵黄吴孙郑马谢许邓冯离别岁婴儿妈爸亲婚礼游费养护家具厂"
    "仓库农种猪鸡鱼设备传广场园楼层债务担凭证据险贫穷满准确欠缴纳税罚奖优惠较适选择与将仅够"
    "压缩宽紧慢难处经验热闹静诚听觉梦术师练习题续继维读写书报纸简单杂复"
)
_FOLD = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)) | {
    "圆": "元", "圓": "元", "〇": "零", "，": ",", "。": ".", "；": ";", "：": ":", "？": "?",
    "！": "!", "、": ",", "（": "(", "）": ")", "～": "~", "—": "-", "–": "-", "−": "-", "‑": "-",
    "‐": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": ".", "％": "%", "￥": "¥",
    "弍": "贰", "弐": "贰", "壱": "壹", "叄": "叁", "弎": "叁", "卄": "廿",
}  # fmt: skip

# What speech recognition writes, and what was said. The second alternative of a pair that is also
# a real word is put right only where its neighbours show that money is meant.
_MISHEARD: tuple[tuple[str, str], ...] = (
    (r"[代带袋待]款", "贷款"),
    (r"货款(?=利[率息]|额度|申请|审批|年限|期限|多少利)|(?<=申请)货款|(?<=办)货款", "贷款"),
    (r"[代带袋](?=[一二两三四五六七八九十百\d][一二两三四五六七八九十百千万\d.]*[万千w])", "贷"),
    (r"(?<=[想要能我可以])[代带袋](?=个?[一二两三四五六七八九十百\d])", "贷"),
    (
        r"[首手收守][富付复负父府](?=[一二两三四五六七八九十百\d]|出|大概|要|比例|已|准备|能|"
        r"给|的)", "首付"),
    (r"月[共贡工公恭宫](?=[一二两三四五六七八九十不别最控\d千百]|大概|多少|能)", "月供"),
    (r"[利力立例][率绿律录虑]", "利率"),
    (r"利[西吸希]", "利息"),
    (r"[装庄妆][修休秀羞]", "装修"),
    (r"买[方防放](?=[子,.]|$|贷|要|差|借)", "买房"),
    (r"房[带代]|[方防]贷", "房贷"),
    (r"年[话划华花](?=[一二两三四五六七八九十\d百不率利])", "年化"),
    (r"提[钱浅]还", "提前还"),
    (r"[低底递]押|抵[压鸭]", "抵押"),
    (r"等[鹅俄]", "等额"),
    (r"本[溪席西](?=[,.]|$|还)", "本息"),
    (r"[接结节](?=钱)|[接](?=[一二两三四五六七八九十\d][一二两三四五六七八九十\d]*万)", "借"),
    (r"(?<=[一二两三四五六七八九])[实石时食](?=万|[一二三四五六七八九]?万)", "十"),
    (r"(?<![一二两三四五六七八九十千百其确真])[实石](?=万)", "十"),
    (r"(?<=[一二两三四五六七八九十百])[玩晚碗完](?=[块元钱,.]|$)", "万"),
    (r"(?<=[一二两三四五六七八九十\d])[七其齐](?=分期)", "期"),
    (r"\bpersonal lawn\b", "personal loan"),
    (r"\balone (?=of\b|for \$?\d)", "a loan "),
    (r"\blones\b", "loans"),
    (r"\bcollage(?= fees?\b| tuition\b)", "college"),
    (r"\b(?:lone|lown|laon|loane)\b", "loan"),
    (r"\b(?:knead|kneed|nead|neeed)\b", "need"),
    (r"\b(?:borough|borow|barrow|burrow|borro|brorow)\b", "borrow"),
    (r"\b(?:morgage|mortage|morgige|mortgauge|morgagee|mortgag)\b", "mortgage"),
    (r"\bdown (?:pavement|paiment|paymant)\b", "down payment"),
    (r"\b(?:intrest|intrust|interst)\b", "interest"),
    (r"\b(?:thousend|thousant|thousnd|tousand|thousands)\b", "thousand"),
    (r"\b(?:to|too)(?= (?:grand|thousand|hundred|million|years?\b|months?\b))", "two"),
    (r"\bfor(?= (?:grand|thousand|hundred)\b)", "four"),
    (r"\bfour(?= (?:a|an|my|our|the|some) (?!month|week|year|day|fortnight))", "for"),
    (r"\b(?:hows|howse|hause)\b", "house"),
    (r"\b(?:karr|kar)\b", "car"),
    (r"\b(?:deposite|depozit)\b", "deposit"),
    (r"\b(?:renavation|renovasion|rennovation)\b", "renovation"),
    (r"\b(?:buisness|bussiness|busness|bizness)\b", "business"),
    (r"\b(?:wanna)\b", "want to"),
    (r"\b(?:gonna)\b", "going to"),
    (r"\b(?:gotta)\b", "got to"),
    (r"\bgimme\b", "give me"),
    (r"\blemme\b", "let me"),
    (r"\b(?:salery|sallary|celery)(?= (?:is|of|\W?\d))", "salary"),
    (r"\b(?:wether|whether) (?=forecast)", "weather "),
    (r"还青", "还清"),
    (r"贷宽", "贷款"),
    (r"货宽", "货款"),
    (r"[首手]附", "首付"),
    (r"月[功弓供]", "月供"),
    (r"征[新心]", "征信"),
    (r"[额俄鹅][都度](?=[是多高低够不])", "额度"),
    (r"买[菜才]车", "买车"),
    (r"(?<=[一二两三四五六七八九十\d])[年粘](?=[换环])", "年"),
    (r"(?:分|份)[七齐](?=还|付|[,.]|$)", "分期"),
    (r"信用[咔喀]", "信用卡"),
    (r"进[或祸](?=[,.]|$|要|用|需|差|缺)", "进货"),
    (r"[公工]子(?=[一二两三四五六七八九十百\d])", "工资"),
    (r"月[新心](?=[一二两三四五六七八九十百\d])", "月薪"),
    (r"[学雪][非废肺]", "学费"),
    (r"\b(?:ate|ait)(?= (?:grand|thousand|hundred|years|months|percent))", "eight"),
    (r"\bwon(?= (?:grand|thousand|hundred|million|year|month))", "one"),
    (r"\b(?:tree)(?= (?:grand|thousand|hundred|years|months))", "three"),
    (r"\b(?:fourty)\b", "forty"),
    (r"\b(?:sicks)\b", "six"),
    (r"\bover (?:tree|free) years\b", "over three years"),
    (r"\b(?:yaers|yeers|yers|yeras)\b", "years"),
    (r"\bper cent\b", "percent"),
    (r"\b(?:a part meant|apartmant|appartment)\b", "apartment"),
    (r"\b(?:refinence|refinanse|re-finance)\b", "refinance"),
    (r"\bgranned\b", "grand"),
    (r"\bweeding(?= (?:loan|party|dress|venue|costs?|expenses))", "wedding"),
)  # fmt: skip
_MISHEARD_ALL = tuple((re.compile(find), put) for find, put in _MISHEARD)
# 差六十个: among people who speak of large sums a bare 个 counts ten thousands, but only of money.
_IN_TENS_OF_THOUSANDS = re.compile(
    r"(?P<head>(?:自己|投入|投资|预算|借我?|贷|还?差|还?缺|首付|总价|自己有?|手里有?|凑了?|周转|利润|"
    r"(?:(?=.*(?:[借贷还]|分期|周转|装修|买车|买房|进货|利息|首付))(?:弄|整|搞|拿|需要|要)))"
    r"[^,.;\d一二两三四五六七八九十百]{0,4}(?:\d{1,4}|[一二两三四五六七八九十百]{1,5}))个"
    r"(?=[,.;!?]|$|左右|上下|吧|呗|就)"
)
# 一个car loan: an English word among Chinese ones begins and ends where the script changes.
_BETWEEN_LANGUAGES = re.compile(r"(?<=[㐀-鿿])(?=[a-z]{3})|(?<=[a-z]{3})(?=[㐀-鿿])")
_CJK = re.compile(r"[㐀-鿿豈-﫿]")
_LATIN = re.compile(r"[a-z]")


def prepare(text: str, *, lang: str | None = None) -> Reading:
    """Return the sentence ready for reading.

    Refuses: TextNotText when it is not a string or the language is unknown; TextTooLong over
    2,000 characters; TextEmpty when nothing but spaces and control characters is left.
    """
    if not isinstance(text, str):
        raise TextNotText("text must be a string")
    if lang is not None and lang not in ("zh", "en"):
        raise TextNotText("lang must be zh or en")
    if len(text) > TEXT_CHARACTERS_MAX:
        raise TextTooLong(
            f"a sentence has at most {TEXT_CHARACTERS_MAX} characters",
            characters_max=TEXT_CHARACTERS_MAX,
        )
    norm, places = _fold(text)
    if not norm.strip():
        raise TextEmpty("say or write what you need")
    for find, put in _MISHEARD_ALL:
        norm, places = _replace(norm, places, find, put)
    norm, places = _replace(norm, places, _BETWEEN_LANGUAGES, " ")
    norm = _IN_TENS_OF_THOUSANDS.sub(r"\g<head>万", norm)
    return Reading(text, norm, tuple(places), lang or language_of(norm))


def language_of(norm: str) -> str:
    """Return zh when the sentence holds Chinese characters, else en."""
    return "zh" if _CJK.search(norm) else "en"


def _fold(text: str) -> tuple[str, list[int]]:
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = _FOLD.get(character)
        if folded is None:
            folded = _fold_one(character)
            if folded:
                folded = _FOLD.get(folded, folded)
        if folded:
            characters.append(folded)
            places.append(place)
    return "".join(characters), places


def _fold_one(character: str) -> str:
    if character.isascii():
        if character.isprintable():
            return character.lower()
        return " " if character in "\t\r\n\v\f" else ""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return ""
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) != 1:
        return character
    if folded.isspace():
        return " "
    lower = folded.lower()
    return lower if len(lower) == 1 else folded


def _replace(
    norm: str, places: list[int], find: re.Pattern[str], put: str
) -> tuple[str, list[int]]:
    if find.search(norm) is None:
        return norm, places
    parts: list[str] = []
    moved: list[int] = []
    at = 0
    for match in find.finditer(norm):
        start, end = match.span()
        parts += [norm[at:start], put]
        moved += places[at:start]
        size = end - start
        moved += [places[min(start + i * size // len(put), end - 1)] for i in range(len(put))]
        at = end
    parts.append(norm[at:])
    moved += places[at:]
    return "".join(parts), moved
