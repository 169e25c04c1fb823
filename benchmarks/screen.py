"""How long does it take to screen a name against 100,000, and are the right ones found?

Question: milliseconds to screen one name against a list of 100,000 names, half of them Chinese.
Load: an invented list from a seed; 2,000 names of which half are on the list, written otherwise:
pinyin for characters, words in another order, given name in two, one letter wrong.
Result: p50, p95 and p99 in milliseconds of wall and of CPU time; the share of listed people who are
found, and how many matches a name that is on no list brings.
"""

from __future__ import annotations

import os
import platform
import random
import time
from typing import Any

from jiuding.services import risk

NAMES, ASKED, SEED, P95_LIMIT_MS = 100_000, 2_000, 20261123, 20
FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许"
    "韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英文华建国志"
    "玉兰春秋冬梅雪晨曦雨桐子轩浩然思远佳怡欣妍博宇航凯瑞"
)
PARTS = (
    *("ka", "lo", "mi", "ren", "sta", "vi", "dor", "na"),
    *("be", "sul", "tho", "ri", "pe", "gan", "ol", "ez"),
)


def listed(count: int, seed: int) -> list[risk.ListEntry]:
    """Return invented people: half with Chinese names, half with Latin ones."""
    draw = random.Random(seed)
    return [
        risk.ListEntry(
            f"e{number}",
            "person",
            (chinese(draw) if number % 2 else latin(draw),),
            (str(draw.randrange(1940, 2000)),),
        )
        for number in range(count)
    ]


def chinese(draw: random.Random) -> str:
    """Return an invented Chinese name of two or three characters."""
    return draw.choice(FAMILY) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))


def latin(draw: random.Random) -> str:
    """Return an invented name in Latin letters."""
    words = [
        "".join(draw.choices(PARTS, k=draw.choice((2, 3)))) for _ in range(draw.choice((2, 3)))
    ]
    return " ".join(word.capitalize() for word in words)


def otherwise(name: str, draw: random.Random) -> str:
    """Return a listed name as somebody else may write it."""
    words = list(risk.spell(name).words)
    if len(words) > 1 and draw.random() < 0.5:
        words = [*words[1:], words[0]]
    text = " ".join(words)
    if draw.random() < 0.3 and len(text) > 8:
        place = draw.randrange(1, len(text) - 1)
        text = text[:place] + draw.choice("aeiou") + text[place + 1 :]
    return text.title()


def run(*, names: int = NAMES, asked: int = ASKED) -> dict[str, Any]:
    """Measure and return the question, the load, the results, the ratios and the machine."""
    draw = random.Random(SEED + 1)
    entries = listed(names, SEED)
    started = time.perf_counter()
    screener = risk.Screener(entries)
    laying_out = time.perf_counter() - started
    wall, cpu, found, strangers, extra = [], [], 0, 0, 0
    for number in range(asked):
        entry = draw.choice(entries)
        is_listed = number % 2 == 0
        name = otherwise(entry.names[0], draw) if is_listed else latin(draw) + " " + latin(draw)
        before, used = time.perf_counter(), time.thread_time()
        # A list this dense brings more than fifty: whether the right one is near is asked of all.
        matches = screener.matches(name, born=entry.born[0] if is_listed else "")
        cpu.append(time.thread_time() - used)
        wall.append(time.perf_counter() - before)
        if is_listed:
            own = set(risk.spell(entry.names[0]).words)
            same = any(set(risk.spell(each.name).words) == own for each in matches)
            found += same or any(each.entry_id == entry.entry_id for each in matches)
        else:
            strangers += 1
            extra += bool(matches)
    wall.sort()
    cpu.sort()

    def at(times: list[float], share: float) -> float:
        return round(times[int(len(times) * share)] * 1000, 3)

    return {
        "question": "milliseconds to screen one name against 100,000, Chinese and Latin",
        "load": f"{screener.name_count} names, {asked} asked, half of them listed, seed {SEED}",
        "results": {
            "p50_ms": at(wall, 0.5),
            "p95_ms": at(wall, 0.95),
            "p99_ms": at(wall, 0.99),
            "p95_cpu_ms": at(cpu, 0.95),
            "laying_out_seconds": round(laying_out, 2),
            "listed_found_share": round(found / (asked - strangers), 4),
            "strangers_matched_share": round(extra / strangers, 4),
        },
        "ratios": {"p95_over_limit": round(at(wall, 0.95) / P95_LIMIT_MS, 3)},
        "machine": {
            "python": platform.python_version(),
            "cpu_count": os.cpu_count(),
            "load_average": [round(each, 1) for each in os.getloadavg()],
        },
    }
