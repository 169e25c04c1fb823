"""The intent model: a linear scorer over character and word n-grams, read from one pinned file.

Learning needs scikit-learn; scoring needs nothing but the file. Amounts, terms and rates are
replaced by one letter each before n-grams are taken, so the model learns what is asked and not how
much. The score of intent c is (w_c · x) / temperature + b_c / temperature, with x the tf-idf vector
of unit length; probabilities are its softmax.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jiuding.base.settings import CATALOG
from jiuding.channels.assistant.errors import ModelUnusable
from jiuding.channels.assistant.rules.slots import Frame

MODEL_FOLDER = CATALOG / "models" / "intents"
MODEL_FILE = MODEL_FOLDER / "model.json"
HASH_FILE = MODEL_FOLDER / "model.sha256"

_WORD = re.compile(r"[a-zMTR]+|[㐀-鿿]|\d+|[?]")
_MARKS = {"money": "M", "term": "T", "percent": "R"}


# What a sentence is about, whatever its words: these carry over to words that were never learned.
_TOPICS = tuple((name, re.compile(pattern)) for name, pattern in (
    ("lending",
        r"贷|借|按揭|月供|利息|利率|本金|首付|额度|分期|征信|放款|\b(?:loans?|lend\w*|borrow\w*|"
        r"mortgages?|repay\w*|instal?lments?|apr|interest|credit|finance|refinanc\w*|debts?|"
        r"owe)\b"),
    ("account",
        r"卡里|账户|账上|余额|流水|账单|扣款|工资卡|存款|到账|\b(?:accounts?|balance|statement|"
        r"transactions?|spend|spent|salary|wages|direct debit|deposit|withdraw\w*|refund|"
        r"savings)\b"),
    ("process",
        r"申请|审批|审核|材料|进度|批|\b(?:appl(?:y|ied|ication)|approv\w*|decision|submitted|"
        r"documents?|paperwork|pending|reviewed?)\b"),
    ("question", r"[?吗呢么]|多少|怎么|什么|哪|为什么|为啥|啥|几[号天个]|\b(?:what|how|why|when|"
        r"which|who|where|can|could|is|do|does|are|did|has)\b"),
    ("self", r"我|咱|\b(?:i|my|me|we|our|i'm|i've)\b"),
    ("negation", r"不|没|别|\b(?:not|no|don't|can't|won't|never|stop|cancel)\b"),
    ("early", r"提前|早点|一次性|剩下的|\b(?:early|sooner|ahead|extra|overpay\w*|lump)\b"),
    ("trouble", r"失业|裁|还不|困难|延期|缓|逾期|催|\b(?:lost my|behind|struggl\w*|missed|tight|"
        r"redundan\w*|afford to|hardship|sick)\b"),
    ("person", r"人工|真人|活人|客服|经理|\b(?:human|person|someone|somebody|agent|manager|"
    r"staff)\b"),
    ("data", r"信息|数据|资料|隐私|授权|\b(?:data|information|details|records|consent|privacy)\b"),
))  # fmt: skip
# Words that hardly occur outside of money matters: with one of them a sentence is in scope.
MONEY_MATTERS = re.compile(
    r"贷|借钱|借款|按揭|月供|利息|利率|征信|余额|流水|账单|扣款|理财|存款|放款|还款|额度"
    r"|\b(?:loans?|mortgages?|repayments?|instal?lments?|apr|refinanc\w*|debts?|overdraft|"
    r"bank account|my account|statements?|direct debits?|credit cards?|savings|payroll|"
    r"my application|guarantors?|borrow\w*)\b"
)


def features(frame: Frame) -> list[str]:
    """Return the n-grams of a sentence whose values have been replaced by their kind."""
    text = _without_values(frame)
    words = _WORD.findall(text)
    grams = [f"w:{word}" for word in words]
    grams += [f"b:{first} {second}" for first, second in itertools.pairwise(words)]
    grams += [f"t:{' '.join(words[at : at + 3])}" for at in range(len(words) - 2)]
    for word in words:
        if len(word) > 4 and word.isascii():
            grams += [f"c:{word[at : at + 4]}" for at in range(len(word) - 3)]
    grams += [f"#{slot}" for slot in frame.slots if slot not in ("currency", "payee")]
    if "purpose" in frame.slots:
        grams.append("#purpose:" + str(frame.slots["purpose"] == "securities"))
    grams += [f"~{name}" for name, pattern in _TOPICS if pattern.search(frame.reading.norm)]
    grams.append(f"#length:{min(len(words) // 4, 5)}")
    return grams


def _without_values(frame: Frame) -> str:
    text = frame.reading.norm
    for mention in sorted(frame.values, key=lambda m: -m.start):
        if mention.start < mention.end:
            mark = _MARKS.get(str(mention.kind))
            if mark:
                text = f"{text[: mention.start]} {mark} {text[mention.end :]}"
    return text


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A linear model: rows of eight-bit weights by n-gram, scales and biases by intent."""

    labels: tuple[str, ...]
    rows: Mapping[str, int]
    idf: array
    weights: array
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    temperature: float

    def log_probabilities(self, grams: Iterable[str]) -> dict[str, float]:
        """Return the natural log of each intent's probability."""
        size = len(self.labels)
        counts = Counter(row for gram in grams if (row := self.rows.get(gram)) is not None)
        totals = [0.0] * size
        length = 0.0
        for row, count in counts.items():
            value = (1.0 + math.log(count)) * self.idf[row]
            length += value * value
            base = row * size
            for place in range(size):
                weight = self.weights[base + place]
                if weight:
                    totals[place] += value * weight
        norm = math.sqrt(length) or 1.0
        scores = [
            (total * scale / norm + bias) / self.temperature
            for total, scale, bias in zip(totals, self.scales, self.biases, strict=True)
        ]
        top = max(scores)
        log_sum = top + math.log(sum(math.exp(score - top) for score in scores))
        return {label: score - log_sum for label, score in zip(self.labels, scores, strict=True)}


def read_model(path: Path = MODEL_FILE, pin: Path = HASH_FILE) -> IntentModel:
    """Read the model.

    Refuses: ModelUnusable when the file is missing or its hash is not the pinned one.
    """
    try:
        content, pinned = path.read_bytes(), pin.read_text(encoding="ascii").split()[0]
    except (OSError, IndexError) as error:
        raise ModelUnusable("the intent model or its hash is missing") from error
    if hashlib.sha256(content).hexdigest() != pinned:
        raise ModelUnusable("the intent model is not the one whose hash is pinned")
    body = json.loads(content)
    weights = array("b")
    weights.frombytes(base64.b85decode(body["weights"]))
    return IntentModel(
        labels=tuple(body["labels"]),
        rows={gram: row for row, gram in enumerate(body["ngrams"])},
        idf=array("f", body["idf"]),
        weights=weights,
        scales=tuple(body["scales"]),
        biases=tuple(body["biases"]),
        temperature=body["temperature"],
    )


@cache
def intent_model() -> IntentModel:
    """Return the shipped model, read once."""
    return read_model()
