"""Who acts: roles, what stands above what, the people of the store, and the identity that every command carries.

The rules for secrets and lockouts stand here as values; hashing and measuring time are the edge's.
"""

import unicodedata
from enum import StrEnum
from itertools import pairwise

import msgspec

from kiosk_server.domain.errors import OutOfRange


class Role(StrEnum):
    """Terminals act as their kind; people as their rank; the machine itself as `driver`, `door` or `local`."""

    LANE = "lane"
    STALL = "stall"
    PUMP = "pump"
    KITCHEN = "kitchen"
    PICKUP = "pickup"
    DISPLAY = "display"
    ATTENDANT = "attendant"
    CASHIER = "cashier"
    MANAGER = "manager"
    OWNER = "owner"
    DRIVER = "driver"  # hardware drivers inside the server
    DOOR = "door"  # the front door inside the server, which tells who came in and who did not
    LOCAL = "local"  # the command line on this machine, acting for its owner


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives a command. `name` is written into the journal; `terminal` is set for terminals."""

    name: str
    role: Role
    terminal: str | None = None


class StaffRole(StrEnum):
    """What a person can be: attendant < cashier < manager < owner. `kitchen` sees the kitchen's screen alone."""

    ATTENDANT = "attendant"
    KITCHEN = "kitchen"
    CASHIER = "cashier"
    MANAGER = "manager"
    OWNER = "owner"


class SecretKind(StrEnum):
    PIN = "pin"
    PASSWORD = "password"  # noqa: S105 - the name of a kind, not one


class SealedSecret(msgspec.Struct, frozen=True, kw_only=True):
    """What the writer gets of a secret: its kind, and its Argon2id hash with parameters and salt (PHC string)."""

    kind: SecretKind
    hash: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the staff. `name` is unique whatever its case, and never given out twice.

    `fingerprint` is the SHA-256 (hex) of the salted Argon2id hash of their secret; the hash itself is in no event.
    """

    name: str
    role: StaffRole
    secret_kind: SecretKind
    fingerprint: str
    added_at: int
    is_retired: bool = False


_RANK = {StaffRole.ATTENDANT: 0, StaffRole.KITCHEN: 0, StaffRole.CASHIER: 1, StaffRole.MANAGER: 2, StaffRole.OWNER: 3}
_ABOVE_ALL = frozenset({Role.OWNER, Role.LOCAL})

# These act without a person behind them, and the journal must not confuse anybody with them.
PARTS_NAMES = frozenset(
    {
        *("local", "local administrator", "command line", "first run", "one-time code"),
        *("door", "probe", "forecourt", "printers", "card readers", "scales"),
    }
)
# Whoever signs in with a demo store's code is "manager"; that is also what a store's console is likely to be called.
RESERVED_NAMES = PARTS_NAMES | {"manager"}


def may_manage(actor: Role, target: StaffRole) -> bool:
    """Owners (and this machine's administrator) manage everybody, managers those below them."""
    return actor in _ABOVE_ALL or (actor is Role.MANAGER and _RANK[target] < _RANK[StaffRole.MANAGER])


def fold_name(name: str) -> str:
    """A name as it is compared: neither case nor width nor spacing makes somebody else of a person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


# -- secrets --

PIN_DIGITS = 4
MANAGER_PIN_DIGITS = 6
MAX_PIN_DIGITS = 12
PASSWORD_LENGTH = 8
DISTINCT_CHARACTERS = 5


def tidy_secret(typed: str) -> str:
    """A secret as it is hashed, RFC 8265 4.2: NFC, any space as a space; digits of any script are the same PIN."""
    if typed and all(character.isdecimal() for character in typed):
        return "".join(str(unicodedata.decimal(digit)) for digit in typed)
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in typed)
    return unicodedata.normalize("NFC", spaced)


def kind_of_secret(secret: str) -> SecretKind:
    return SecretKind.PIN if secret.isdecimal() else SecretKind.PASSWORD


def check_secret(secret: str, role: StaffRole, name: str) -> SecretKind:
    """The kind of a tidy secret that is good enough for the role. Raises OutOfRange saying what would be."""
    if kind_of_secret(secret) is SecretKind.PIN:
        _check_pin(secret, role)
        return SecretKind.PIN
    folded = fold_name(secret)
    if len(secret) < PASSWORD_LENGTH:
        raise OutOfRange(f"A password has at least {PASSWORD_LENGTH} characters. Nothing was changed.", at_least=8)
    if len(set(folded)) < DISTINCT_CHARACTERS or fold_name(name) in folded or folded.startswith("password"):
        raise OutOfRange("This password is too easy to guess. Nothing was changed. Choose one without your name in it.")
    return SecretKind.PASSWORD


def _check_pin(pin: str, role: StaffRole) -> None:
    digits = MANAGER_PIN_DIGITS if _RANK[role] >= _RANK[StaffRole.MANAGER] else PIN_DIGITS
    if not digits <= len(pin) <= MAX_PIN_DIGITS:
        raise OutOfRange(
            f"A PIN has {digits} to {MAX_PIN_DIGITS} digits for this role ({role.value}). Nothing was changed.",
            at_least=digits,
            at_most=MAX_PIN_DIGITS,
        )
    if is_trivial(pin):
        raise OutOfRange("This PIN is too easy to guess. Nothing was changed. Choose one without a pattern.")


def is_trivial(pin: str) -> bool:
    """Whether the digits follow a pattern: 0000, 1234, 8901, 4321, 2468, 1212, 123123, 112233."""
    digits = [int(digit) for digit in pin]
    if len({(after - before) % 10 for before, after in pairwise(digits)}) <= 1:
        return True
    if any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1)):
        return True
    return len(pin) > PIN_DIGITS and pin[::2] == pin[1::2] and is_trivial(pin[::2])


# -- wrong tries --

MINUTE_S = 60
LOCKS_S = {5: MINUTE_S, 10: 30 * MINUTE_S}
"""After that many wrong tries in a row, so long a wait; beyond the last, each further one costs as much."""


def lock_s(tries: int) -> int:
    """How long nobody may try again after the wrong try of this number; 0 when the next may follow at once."""
    last = max(LOCKS_S)
    return LOCKS_S[last] if tries > last else LOCKS_S.get(tries, 0)


class WrongTries(msgspec.Struct, frozen=True, kw_only=True):
    """How a person (`person:<name>`) or a place (`terminal:<name>`, `browser:<id>`) stands after a wrong try."""

    subject: str
    tries: int
    locked_s: int = 0


class RefusedAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was turned away, counted over a while. Times are ms since 1970, UTC.

    `who` is their name as far as it was proved ('' for strangers), `where` an address, `what` they wanted, `why` the
    code of the refusal.
    """

    who: str
    where: str
    what: str
    why: str
    count: int
    first_at: int
    last_at: int


class SessionEnd(StrEnum):
    """Why a person is signed out."""

    SIGNED_OUT = "signed_out"
    EVERYWHERE = "everywhere"
    IDLE = "idle"
    EXPIRED = "expired"
    CHANGED = "changed"  # their secret or role is another now
    RETIRED = "retired"
    TOO_MANY = "too_many"  # the oldest makes room


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One person signed in. `age_s` and `idle_s` are as they were at `kept_at` (ms since 1970, UTC).

    `token_hash` is the SHA-256 of the cookie's token; like every secret it is in no event.
    """

    session_id: str
    person: str
    role: Role
    source: str
    began_at: int
    kept_at: int
    age_s: int = 0
    idle_s: int = 0
    token_hash: str = ""


class KeptTime(msgspec.Struct, frozen=True, kw_only=True):
    """How old a session is, and how long it was idle, when the server stopped."""

    age_s: int
    idle_s: int
