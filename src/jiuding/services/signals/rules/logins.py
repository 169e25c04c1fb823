"""What an attempt to come in shows, against every attempt before it, over the whole bank.

Stuffing and guessing come in three paces. *Fast*: many failures at one account or from one device;
buckets of failures answer with a wait. *Slow*: a failure an hour for weeks; the slow buckets. And
*distributed*: each account, device and address is met once or twice, so that nothing stands out but
the crowd: the share of failures over the whole bank, how many of them come from devices never seen,
and which kind of program (fingerprint) brings them. An address raises counts that a policy may
read, and shuts nobody out alone.

Failures are forgiven by the clock alone. A device that has come in to an account before is *known*
there; the account's buckets are not for it, so that a stranger's guesses lock nobody out.
All arithmetic is in whole numbers; the same attempts in the same order show the same.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping

from jiuding.services.signals.types.logins import Bucket, LoginAttempt, LoginLimits

SECOND = 1_000_000
HOUR, DAY = 3_600 * SECOND, 86_400 * SECOND
KEPT = 30 * DAY  # a key without an attempt for so long is let go
SLOT = 60 * SECOND
SPANS = (10 * SLOT, HOUR, DAY)
SLOTS_MAX = 2_000  # minutes remembered beyond a day before they are let go together
PER_CENT = 100
SHOWN_MAX = 100_000
KNOWN_MAX = 20  # devices remembered for one account
ACCOUNTS_MAX = 1_000  # accounts remembered for one device or network

NAMES = (
    "login.account_failures_1h",
    "login.account_failures_24h",
    "login.account_wait_seconds",
    "login.account_devices_24h",
    "login.device_known",
    "login.device_new",
    "login.device_failures_24h",
    "login.device_accounts_24h",
    "login.device_wait_seconds",
    "login.fingerprint_attempts_1h",
    "login.fingerprint_failure_percent_1h",
    "login.fingerprint_attempts_24h",
    "login.fingerprint_failure_percent_24h",
    "login.fingerprint_new_device_percent_24h",
    "login.network_accounts_24h",
    "login.network_failure_percent_24h",
    "login.bank_failure_percent_10min",
    "login.bank_failure_percent_1h",
    "login.bank_failure_percent_24h",
    "login.bank_new_device_failures_1h",
    "login.bank_breached_percent_1h",
    "login.is_breached",
    "login.address_class",
    "login.means",
)
"""What `LoginWatch.look` returns, by name; percents are whole, rounded down, of attempts."""


class LoginWatch:
    """Every count of a bank's attempts: look before the proof is checked, then tell how it went."""

    def __init__(self, limits: LoginLimits | None = None) -> None:
        self.limits = limits or LoginLimits()
        self.accounts: OrderedDict[str, _Account] = OrderedDict()
        self.devices: OrderedDict[str, _Device] = OrderedDict()
        self.fingerprints: OrderedDict[str, _Crowd] = OrderedDict()
        self.networks: OrderedDict[str, _Crowd] = OrderedDict()
        self.bank = _Crowd()
        self.newest = 0

    def look(self, attempt: LoginAttempt) -> dict[str, int | bool | str]:
        """Return what the attempt shows, by `NAMES`; nothing is counted yet.

        Of a client without a device, fingerprint or network those values are left out.
        """
        at, client = attempt.at, attempt.client
        found: dict[str, int | bool | str] = {
            "login.is_breached": attempt.is_breached,
            "login.address_class": str(client.address_class),
            "login.means": attempt.means,
        }
        account = self.accounts.get(attempt.account) or _Account(self.limits)
        is_known = client.device is not None and client.device in account.known
        found["login.account_failures_1h"] = account.failures.count(at, HOUR)
        found["login.account_failures_24h"] = account.failures.count(at, DAY)
        found["login.account_devices_24h"] = account.devices.count(at)
        found["login.account_wait_seconds"] = 0 if is_known else account.wait(at)
        if client.device is not None:
            device = self.devices.get(client.device) or _Device(self.limits)
            found["login.device_known"] = is_known
            found["login.device_new"] = not device.has_entered
            found["login.device_failures_24h"] = device.failures.count(at, DAY)
            found["login.device_accounts_24h"] = device.accounts.count(at)
            found["login.device_wait_seconds"] = device.wait(at)
        if client.fingerprint is not None:
            crowd = self.fingerprints.get(client.fingerprint) or _NOBODY
            hour, day = crowd.sums(at, HOUR), crowd.sums(at, DAY)
            found["login.fingerprint_attempts_1h"] = hour[0]
            found["login.fingerprint_failure_percent_1h"] = _percent(hour[1], hour[0])
            found["login.fingerprint_attempts_24h"] = day[0]
            found["login.fingerprint_failure_percent_24h"] = _percent(day[1], day[0])
            found["login.fingerprint_new_device_percent_24h"] = _percent(day[2], day[0])
        if client.network is not None:
            crowd = self.networks.get(client.network) or _NOBODY
            day = crowd.sums(at, DAY)
            found["login.network_accounts_24h"] = crowd.accounts.count(at)
            found["login.network_failure_percent_24h"] = _percent(day[1], day[0])
        for span, name in zip(SPANS, ("10min", "1h", "24h"), strict=True):
            sums = self.bank.sums(at, span)
            found[f"login.bank_failure_percent_{name}"] = _percent(sums[1], sums[0])
            if span == HOUR:
                found["login.bank_new_device_failures_1h"] = sums[3]
                found["login.bank_breached_percent_1h"] = _percent(sums[4], sums[0])
        return found

    def tell(self, attempt: LoginAttempt, *, is_good: bool) -> None:
        """Count an attempt that was let in, or failed."""
        at, client, limits = attempt.at, attempt.client, self.limits
        self.newest = max(self.newest, at)
        account = _touch(self.accounts, attempt.account, at) or _Account(limits)
        self.accounts[attempt.account] = account
        is_known = client.device is not None and client.device in account.known
        device = None
        if client.device is not None:
            device = _touch(self.devices, client.device, at) or _Device(limits)
            self.devices[client.device] = device
            account.devices.see(client.device, at)
            device.accounts.see(attempt.account, at)
        is_new = device is None or not device.has_entered
        sizes = (1, not is_good, is_new, is_new and not is_good, attempt.is_breached)
        crowds = [self.bank]
        for place, name in ((self.fingerprints, client.fingerprint),
                            (self.networks, client.network)):  # fmt: skip
            if name is not None:
                place[name] = _touch(place, name, at) or _Crowd()
                crowds.append(place[name])
        for crowd in crowds:
            crowd.add(at, sizes)
            if crowd is not self.bank:
                crowd.accounts.see(attempt.account, at)
        if is_good:
            if client.device is not None and device is not None:
                account.known[client.device] = None
                account.known.move_to_end(client.device)
                device.has_entered = True
                if len(account.known) > KNOWN_MAX:
                    account.known.popitem(last=False)
        else:
            account.fail(at, spend=not is_known)
            if device is not None:
                device.fail(at)
        account.seen_at = at
        if device is not None:
            device.seen_at = at
        self._let_go(at)

    def _let_go(self, at: int) -> None:
        """Forget, oldest first, what has not been met for `KEPT`; known devices stay as long."""
        for place in (self.accounts, self.devices, self.fingerprints, self.networks):
            while place:
                name = next(iter(place))
                if place[name].seen_at > at - KEPT:
                    break
                del place[name]


def _touch(place: OrderedDict, name: str, at: int):
    """Return what is remembered under a name, as the newest; None where nothing is."""
    found = place.get(name)
    if found is not None:
        place.move_to_end(name)
        found.seen_at = at
    return found


def _percent(part: int, whole: int) -> int:
    return part * PER_CENT // whole if whole else 0


class _Pace:
    """A bucket of failures kept as one instant: until when all of them are forgiven.

    Source: the generic cell rate algorithm, ITU-T I.371, in whole microseconds.
    """

    __slots__ = ("free_at", "room", "step")

    def __init__(self, bucket: Bucket) -> None:
        self.step = bucket.refill_seconds * SECOND
        self.room = (bucket.capacity - 1) * self.step
        self.free_at = 0

    def spend(self, at: int) -> None:
        self.free_at = max(self.free_at, at) + self.step

    def wait(self, at: int) -> int:
        """Return the whole seconds until the next attempt is within the pace; 0 when it is now."""
        return max(0, -((at + self.room - self.free_at) // SECOND))


class _Instants:
    """When something happened, within a day; at most `SHOWN_MAX` instants are kept."""

    __slots__ = ("times",)

    def __init__(self) -> None:
        self.times: deque[int] = deque(maxlen=SHOWN_MAX)

    def add(self, at: int) -> None:
        self.times.append(at)
        while self.times[0] <= at - DAY:
            self.times.popleft()

    def count(self, at: int, span: int) -> int:
        count = 0
        for each in reversed(self.times):
            if each <= at - span:
                break
            count += 1
        return count


class _Names:
    """Which names were seen last when; the oldest go first beyond `ACCOUNTS_MAX`."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: OrderedDict[str, int] = OrderedDict()

    def see(self, name: str, at: int) -> None:
        self.seen[name] = at
        self.seen.move_to_end(name)
        if len(self.seen) > ACCOUNTS_MAX:
            self.seen.popitem(last=False)

    def count(self, at: int) -> int:
        """Return how many were seen within a day."""
        while self.seen and next(iter(self.seen.values())) <= at - DAY:
            self.seen.popitem(last=False)
        return len(self.seen)


class _Guessed:
    """Failures against one account, or from one device, with a fast and a slow bucket."""

    __slots__ = ("failures", "fast", "seen_at", "slow")

    def __init__(self, fast: Bucket, slow: Bucket) -> None:
        self.failures = _Instants()
        self.fast, self.slow = _Pace(fast), _Pace(slow)
        self.seen_at = 0

    def fail(self, at: int, *, spend: bool = True) -> None:
        self.failures.add(at)
        if spend:
            self.fast.spend(at)
            self.slow.spend(at)

    def wait(self, at: int) -> int:
        return max(self.fast.wait(at), self.slow.wait(at))


class _Account(_Guessed):
    __slots__ = ("devices", "known")

    def __init__(self, limits: LoginLimits) -> None:
        super().__init__(limits.account_fast, limits.account_slow)
        self.devices = _Names()
        self.known: OrderedDict[str, None] = OrderedDict()


class _Device(_Guessed):
    __slots__ = ("accounts", "has_entered")

    def __init__(self, limits: LoginLimits) -> None:
        super().__init__(limits.device_fast, limits.device_slow)
        self.accounts = _Names()
        self.has_entered = False


class _Crowd:
    """Attempts of many by the minute: all, failed, from new devices, both, with known secrets."""

    __slots__ = ("accounts", "heads", "seen_at", "slots", "totals")

    def __init__(self) -> None:
        self.accounts = _Names()
        self.seen_at = 0
        # One row a minute that had an attempt: the minute, and the sums before it.
        self.slots: list[tuple[int, tuple[int, ...]]] = []
        self.totals: tuple[int, ...] = (0, 0, 0, 0, 0)
        self.heads = dict.fromkeys(SPANS, 0)

    def add(self, at: int, sizes: tuple[int, ...]) -> None:
        minute = at // SLOT
        if not self.slots or self.slots[-1][0] < minute:
            self.slots.append((minute, self.totals))
            self.sums(at, DAY)
            if self.heads[DAY] > SLOTS_MAX:
                gone = self.heads[DAY]
                del self.slots[:gone]
                self.heads = {span: max(0, head - gone) for span, head in self.heads.items()}
        self.totals = tuple([a + b for a, b in zip(self.totals, sizes, strict=True)])
        self.seen_at = at

    def sums(self, at: int, span: int) -> tuple[int, ...]:
        """Return the sums within `span` before `at`, to the minute; heads move on only."""
        slots, head, since = self.slots, self.heads[span], (at - span) // SLOT
        while head < len(slots) and slots[head][0] <= since:
            head += 1
        self.heads[span] = head
        before = slots[head][1] if head < len(slots) else self.totals
        return tuple([a - b for a, b in zip(self.totals, before, strict=True)])


_NOBODY = _Crowd()


def limits_of(given: Mapping[str, Mapping[str, int]]) -> LoginLimits:
    """Return limits from a table of `{name: {capacity, refill_seconds}}`; others stay."""
    return LoginLimits(**{name: Bucket(**values) for name, values in given.items()})
