"""Jiuding (九鼎): an open bank in one program.

One sentence in, the best way to pay over every lender out: priced at its true cost, decided,
funded and explained. `docs/map.md` shows the rooms; calls go down, news goes up.
"""

__version__ = "0.1.0"
