"""The console: the bank as people see it, page by page.

A *page* is rendered from a *view*, a frozen record that holds figures, never sentences; the *words*
of a page are written twice, in Chinese and in English; a *component* is one part of the design
system, one file each, all of them shown on `/design`.

Always true: every page works without scripts where a form is enough; nothing inline runs and
nothing comes from elsewhere; before value moves it is said back; a figure opens to its parts.

It decides nothing and keeps nothing: it asks the rooms below and shows what they answer.
"""

from jiuding.channels.console.errors import AgreementMissing, ForeignOrigin
from jiuding.channels.console.routes import DRAFT_BYTES_MAX, DRAFT_PATH, install

__all__ = ["DRAFT_BYTES_MAX", "DRAFT_PATH", "AgreementMissing", "ForeignOrigin", "install"]
