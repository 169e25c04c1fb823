"""Identity: who it is, and what they allowed.

*Banks* are tenants. A *party* is a person or an organisation that a bank knows; a *credential* is
how it proves itself (a passkey, or a PIN in a demonstration bank); a *login* is a proven visit that
ends by itself; a *challenge* is a single-use question that a passkey signs for one stated purpose.

Always true: personal details exist here only, sealed by the vault, and can be erased without
touching any other row; secrets are stored as hashes; a challenge is used at most once; five wrong
PINs in a row lock the credential for a quarter of an hour.

It does not decide what a party may have (that is `decisions`) and keeps no balances (`ledger`).
"""

from jiuding.kernel.identity.errors import (
    ChallengeRefused,
    LoginRequired,
    PartyNotFound,
    PasskeyRefused,
    PinLocked,
    PinRefused,
)
from jiuding.kernel.identity.events import LoggedIn, PasskeyRegistered, PersonalDetailsErased
from jiuding.kernel.identity.operations import (
    ask_for_passkey,
    authenticate_login,
    end_login,
    erase_personal_details,
    find_bank,
    has_passkey,
    list_banks,
    list_parties,
    offer_passkey,
    open_login,
    party_after,
    prove_with_passkey,
    prove_with_pin,
    read_party,
    read_person,
    register_bank,
    register_passkey,
    register_person,
    set_pin,
    suspend_party,
)
from jiuding.kernel.identity.types import Bank, Login, NewPerson, Party, PartyStatus, Person, Proof

__all__ = [
    "Bank",
    "ChallengeRefused",
    "LoggedIn",
    "Login",
    "LoginRequired",
    "NewPerson",
    "Party",
    "PartyNotFound",
    "PartyStatus",
    "PasskeyRefused",
    "PasskeyRegistered",
    "Person",
    "PersonalDetailsErased",
    "PinLocked",
    "PinRefused",
    "Proof",
    "ask_for_passkey",
    "authenticate_login",
    "end_login",
    "erase_personal_details",
    "find_bank",
    "has_passkey",
    "list_banks",
    "list_parties",
    "offer_passkey",
    "open_login",
    "party_after",
    "prove_with_passkey",
    "prove_with_pin",
    "read_party",
    "read_person",
    "register_bank",
    "register_passkey",
    "register_person",
    "set_pin",
    "suspend_party",
]
