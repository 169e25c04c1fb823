"""The shapes that do harm in a field: what a page, a database, a template or a sheet would run.

Each asks for enough of the shape to tell it from prose; the tests hold shops and people whose names
come near. Sources of the kinds: OWASP's cheat sheets on injection prevention; the patterns are own.
"""

from __future__ import annotations

import re

from jiuding.services.signals.types.texts import FlagKind

_TAGS = (
    "script|iframe|img|svg|object|embed|link|meta|style|base|form|input|button|video|audio|body"
    "|math|template|details|marquee|applet|frame|frameset|textarea|select|source|html|a"
)
_DOMAINS = (
    "com|cn|net|org|cc|top|xyz|vip|shop|club|me|io|co|info|ru|tk|link|app|online|site|store|biz"
)
_SCRIPT = (
    (
        "script.tag",
        rf"(?:<|&lt;?|%3c|\\x3c|\\u003c)\s*/?\s*(?:{_TAGS})(?=[\s/>\"'=&%]|$)[^>]{{0,200}}>?",
    ),
    ("script.comment", r"<!--|<!\[cdata\[|<\?(?:php|xml|=)"),
    ("script.handler", r"[\s\"'/<]on[a-z]{3,24}\s*=\s*[\"'`]?\s*[a-z_$][\w$.]*\s*[(`=]"),
    ("script.address", r"(?:java|vb)\s*s\s*c\s*r\s*i\s*p\s*t\s*:\s*\S|data\s*:\s*text/html"),
    (
        "script.call",
        r"\b(?:document\s*\.\s*(?:cookie|write|location|domain)|window\s*\.\s*location"
        r"|eval\s*\(|alert\s*\(|prompt\s*\(|fetch\s*\(\s*[\"'`]|localstorage\s*[.\[]"
        r"|string\s*\.\s*fromcharcode)",
    ),
)
_SQL = (
    (
        "sql.union",
        r"\bunion(?:\s+|/\*[^*]{0,40}\*/)(?:\s|\(){0,9}(?:all|distinct)(?:\s+|/\*[^*]{0,40}\*/)\(?select\b"
        r"|\bunion(?:\s|/\*[^*]{0,40}\*/|\(){1,9}select\b.{0,80}?(?:\bfrom\b|,|\*|\bnull\b|@@|\()",
    ),
    (
        "sql.always",
        r"['\")]\s*(?:\bor\b|\band\b|\|\||&&)\s*\(?\s*(['\"]?)(\w{1,20})\1\s*"
        r"(?:=|like|<|>)\s*\(?\s*\1?\2",
    ),
    (
        "sql.statement",
        r"(?:;|'|\"|\))\s*(?:drop|truncate|alter|create)\s+(?:table|database|schema|user|role)\s+"
        r"\w+\s*(?:;|--|/\*|cascade|\(|$)"
        r"|(?:;|'|\"|\))\s*(?:insert\s+into\s+\w+\s*(?:\(|values|select)|delete\s+from\s+\w+\s*"
        r"(?:where\b|;|--|$)|update\s+\w+\s+set\s+\w+\s*=|select\s+.{1,80}?\bfrom\b)",
    ),
    (
        "sql.query",
        r"\bselect\b\s+(?:\*|[\w,\s().@]{1,80}?)\s+\bfrom\b\s+"
        r"(?:information_schema|pg_|mysql\.|sys|users?\b|accounts?\b|passwords?\b|dual\b)",
    ),
    ("sql.comment", r"['\")]\s*(?:--(?:\s*$|-)|#\s*$|/\*)"),
    (
        "sql.delay",
        r"\b(?:pg_sleep|sleep|benchmark|load_file|xp_cmdshell|extractvalue|updatexml)\s*\("
        r"|\bwaitfor\s+delay\b|\binto\s+(?:out|dump)file\b",
    ),
)
_TEMPLATE = (
    ("template.braces", r"\{\{[\s\S]{1,200}?\}\}|\{%[\s\S]{1,200}?%\}"),
    ("template.dollar", r"[$#@*]\{[^}]{1,200}\}"),
    ("template.server", r"<%[\s\S]{1,200}?%>"),
    ("template.dunder", r"__(?:class|mro|subclasses|globals|import|builtins|proto)__"),
)
_COMMAND = (
    ("command.path", r"(?:\.\.[/\\]){2,}|\.\.(?:%2f|%5c)|/etc/(?:passwd|shadow)\b"),
    (
        "command.shell",
        r"\$\([^)]{1,120}\)|`[^`]{0,60}\b(?:id|ls|cat|curl|wget|nc|bash|sh|rm)\b[^`]{0,60}`"
        r"|(?:[;|]|&&)\s*(?:rm\s+-|cat\s+/|curl\s|wget\s|nc\s+(?:-|\S{1,80}\s+[0-9]{2,5}\b)|bash\b|sh\s+-|powershell\b"
        r"|cmd\.exe)",
    ),
)
_FORMULA = (
    ("formula.start", r"\A\s*[=+@-]\s*(?:[a-z][a-z0-9.]{1,30}\s*\(|[a-z]{2,10}\s*\|)"),
    # What a sheet hands to another program, wherever it stands in a formula.
    ("formula.program", r"\b[a-z]{2,12}\s*\|\s*'[^']{0,80}'\s*!"),
)
_CONTACT = (
    ("contact.email", r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,4}"),
    (
        "contact.address",
        r"\b(?:https?://|www\.)[^\s，。、）)】\"'<>]{3,200}"
        rf"|\b[a-z0-9-]{{2,63}}\.(?:{_DOMAINS})(?:/[^\s]{{0,200}})?(?![a-z0-9.-])"
        # Short links: a domain of one letter says nothing by itself, a path after it does.
        r"|\b(?:t\.me|t\.cn|wa\.me|line\.me|bit\.ly|is\.gd|goo\.gl|u\.to|dwz\.cn|tinyurl\.com)"
        r"/[a-z0-9_+-]{3,60}",
    ),
)

SHAPES: tuple[tuple[FlagKind, str, re.Pattern[str]], ...] = tuple(
    (kind, code, re.compile(shape, re.IGNORECASE))
    for kind, found in (
        (FlagKind.SCRIPT, _SCRIPT),
        (FlagKind.SQL, _SQL),
        (FlagKind.TEMPLATE, _TEMPLATE),
        (FlagKind.COMMAND, _COMMAND),
        (FlagKind.FORMULA, _FORMULA),
        (FlagKind.CONTACT, _CONTACT),
    )
    for code, shape in found
)
"""Looked for in the plain spelling."""

_MESSENGER = (
    r"(?:微信|薇信|威信|微x|vx|v信|wx|wechat|weixin|qq|扣扣|企鹅|telegram|电报|纸飞机|tg|whatsapp"
    r"|line(?=id|@)|skype|飞机号)"
)

SQUEEZED_SHAPES: tuple[tuple[FlagKind, str, re.Pattern[str]], ...] = tuple(
    (FlagKind.CONTACT, code, re.compile(shape, re.IGNORECASE))
    for code, shape in (
        ("contact.phone", r"(?<![0-9])(?:0086|86)?1[3-9][0-9]{9}(?![0-9])"),
        (
            "contact.phone",
            r"(?<![0-9])(?:00[1-9][0-9]{8,13}|0[2-9][0-9]{8,10}|[48]00[0-9]{7})(?![0-9])",
        ),
        (
            "contact.handle",
            _MESSENGER + r"(?:号码|号|群|id|账号|number|is|加|me|at|on|[:=@])*"
            r"([a-z0-9][a-z0-9_-]{4,30})",
        ),
        (
            "contact.invitation",
            r"(?:加|➕|jia)(?:我|个|下)?(?:微信|薇信|威信|v信|vx|wx|qq|扣扣|企鹅|好友)"
            r"|加我?q[0-9]{5,11}|加我?v(?!ip)(?=[a-z_-]{0,30}[0-9])[a-z0-9_-]{5,30}|私下(?:交易|联系|转账)|[线缐]下(?:交易|转账|联系)"
            r"|(?:contact|text|message|whatsapp|dm)me(?:at|on|via)",
        ),
    )
)  # fmt: skip
"""Looked for where gaps and marks are taken out and Chinese digits are digits."""
