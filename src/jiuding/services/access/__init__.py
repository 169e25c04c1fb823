"""Access: who of the staff looks at whose data, why, and who comes past the program.

Its words: a *reader* is a member of staff (or the operator's shared token) with a way in: page,
HTTP, command. A *reading* is what is about to be read, of whom, and why. What stands behind it is
its *mark*: *backed* (a case of that customer, a customer who is signed in, an audit), *noted* (own
words) or *loose* (nothing). The *register* says who works here and which customers are *protected*.
An *analyst* reads views in the database, for the time that a grant names. A *visit* is a login to
the database past the program.

Always true: a read is news before anything is shown, about the customer whose data it is, in the
log that is sealed; a reason is checked and never believed; work that is backed is never held up;
what is held up is shown after a second person agreed, for an hour; nobody agrees to their own.

It does not decide what is out of pattern: the policy `staff_read` does, over the stream
`staff_reads`. It cannot see what a superuser only reads after switching the database's own notes
off: against that stand few owners, and a server's log kept elsewhere.
"""

from __future__ import annotations

from jiuding.services.access.errors import (
    BadRegister,
    ReadNotFound,
    SamePerson,
    SecondPersonNeeded,
)
from jiuding.services.access.events import (
    AlarmRaised,
    DatabaseEntered,
    DatabaseStatementSeen,
    DataRead,
    ReadApproved,
)
from jiuding.services.access.operations import (
    AccessDesk,
    allow_analyst,
    approve_read,
    keep_register,
    note_read,
    open_desk,
    reads_of,
    require_shown,
    watch_database,
)
from jiuding.services.access.types import (
    SHARED,
    Mark,
    Member,
    Noted,
    Protected,
    Reader,
    Reading,
    Register,
    Visit,
    Why,
)

__all__ = [
    "SHARED",
    "AccessDesk",
    "AlarmRaised",
    "BadRegister",
    "DataRead",
    "DatabaseEntered",
    "DatabaseStatementSeen",
    "Mark",
    "Member",
    "Noted",
    "Protected",
    "ReadApproved",
    "ReadNotFound",
    "Reader",
    "Reading",
    "Register",
    "SamePerson",
    "SecondPersonNeeded",
    "Visit",
    "Why",
    "allow_analyst",
    "approve_read",
    "keep_register",
    "note_read",
    "open_desk",
    "reads_of",
    "require_shown",
    "watch_database",
]
