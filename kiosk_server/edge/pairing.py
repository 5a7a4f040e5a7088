"""Browsers that want to become terminals, after RFC 8628: they show a code, a manager types it on the console.

Waiting ones live in memory: anybody may ask, so asking must not write. The code is 8 letters out of 20 consonants,
good for 5 minutes; five wrong ones and a manager has to wait. The console sees only half of a code, so that nobody
confirms a box without having stood before it.

A box keeps a secret of its own, and its terminal's token follows from that: we never hold the token, and a restart
between confirming and fetching loses nothing.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk_server.domain.errors import AlreadyExists, NotFound, TooMany
from kiosk_server.domain.screens import Pairing
from kiosk_server.domain.terminal import Kind
from kiosk_server.edge.rates import Buckets, Rate
from kiosk_server.edge.tokens import digest, new_code, new_token, tidy_code

LIFE_S = 300
INTERVAL_S = 2
SLOWER_BY_S = 5  # RFC 8628 3.5, slow_down
SLACK_S = 0.5
MAX_WAITING = 32
PER_ADDRESS = 3
WRONG_CODES = 5
_BROWSER_SHOWN = 120


class State(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Box:
    """One browser that asks. `_s` are monotonic seconds; `claimed` is what it is (being) confirmed as."""

    pairing_id: str
    code: str
    secret_hash: str
    token_hash: str
    address: str
    browser: str
    asked_at: int
    ends_s: float
    state: State = State.PENDING
    claimed: tuple[str, Kind] | None = None
    interval_s: int = INTERVAL_S
    polled_s: float = float("-inf")


def token_of(box_secret: str) -> str:
    """The terminal token of the box with this secret: 256 bits, like any other."""
    found = hmac.new(box_secret.encode("utf-8", "replace"), b"kiosk terminal token", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


@dataclass(slots=True)
class Pairings:
    """All boxes that wait. `tell(pairings)` is called for every change of what a manager sees."""

    now_ms: Callable[[], int]
    monotonic_s: Callable[[], float]
    tell: Callable[[tuple[Pairing, ...]], None] = lambda _: None
    _boxes: dict[str, Box] = field(default_factory=dict)
    _begun: Buckets = field(init=False)
    _wrong: Buckets = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._begun = Buckets(Rate(burst=5, per_s=1 / 20), self.monotonic_s)
        self._wrong = Buckets(Rate(burst=WRONG_CODES, per_s=1 / 60), self.monotonic_s)

    # -- the box --

    def begin(self, address: str, browser: str) -> tuple[str, Box]:
        """A new code for a browser, and the secret that it keeps. Raises TooMany."""
        self._begun.take(address, "pairing codes for this address")
        secret = new_token()
        with self._lock:
            self._drop_old()
            own = [box for box in self._boxes.values() if box.address == address]
            if len(own) >= PER_ADDRESS:
                del self._boxes[own[0].secret_hash]
            if len(self._boxes) >= MAX_WAITING:
                raise TooMany(
                    "Too many screens wait to be paired. Nothing was done; try again in 60 s.", retry_after_s=60
                )
            taken = {box.code for box in self._boxes.values()}
            code = next(code for code in iter(new_code, "") if code not in taken)
            box = Box(
                pairing_id=secrets.token_hex(8),
                code=code,
                secret_hash=digest(secret),
                token_hash=digest(token_of(secret)),
                address=address,
                browser=browser[:_BROWSER_SHOWN],
                asked_at=self.now_ms(),
                ends_s=self.monotonic_s() + LIFE_S,
            )
            self._boxes[box.secret_hash] = box
        self._tell()
        return secret, box

    def of(self, box_secret: str) -> Box | None:
        """The box of this secret, if its code is still good."""
        with self._lock:
            self._drop_old()
            return self._boxes.get(digest(box_secret))

    def poll(self, box_secret: str) -> Box | None:
        """As `of`, by a program: raises TooMany, and asks for more patience, when it comes too soon."""
        with self._lock:
            box = self.of(box_secret)
            if box is None:
                return None
            now_s = self.monotonic_s()
            is_early = now_s - box.polled_s < box.interval_s - SLACK_S
            box = replace(box, polled_s=now_s, interval_s=box.interval_s + SLOWER_BY_S * is_early)
            self._boxes[box.secret_hash] = box
        if is_early:
            raise TooMany(
                f"This screen asks too often. Nothing is lost; ask again in {box.interval_s} s.",
                retry_after_s=box.interval_s,
                interval_s=box.interval_s,
            )
        return box

    def left_s(self, box: Box) -> int:
        return max(0, int(box.ends_s - self.monotonic_s()))

    def forget(self, box_secret: str) -> None:
        """The box has its token, or is a person's browser after all."""
        with self._lock:
            gone = self._boxes.pop(digest(box_secret), None)
        if gone:
            self._tell()

    # -- the manager --

    def claim(self, typed: str, terminal: str, kind: Kind, by: str) -> Box:
        """The box that shows this code, to be confirmed as this terminal. Raises NotFound, TooMany, AlreadyExists."""
        self._wrong.check(by, "wrong pairing codes")
        with self._lock:
            self._drop_old()
            code = tidy_code(typed)
            box = next((one for one in self._boxes.values() if hmac.compare_digest(one.code, code)), None)
            if box is None or box.state is State.DENIED:
                self._wrong.take(by, "wrong pairing codes")
                raise NotFound(
                    "No screen shows this code now. Nothing was paired. "
                    "Read it again from the screen; a code is good for 5 minutes."
                )
            if box.claimed not in (None, (terminal, kind)):
                raise AlreadyExists(f"This screen was just paired as {box.claimed[0] if box.claimed else ''}.")
            box = replace(box, claimed=(terminal, kind))
            self._boxes[box.secret_hash] = box
            return box

    def find(self, pairing_id: str) -> Box:
        """The box of this id. Raises NotFound."""
        with self._lock:
            self._drop_old()
            box = next((one for one in self._boxes.values() if one.pairing_id == pairing_id), None)
        if box is None:
            raise NotFound("This screen does not ask any more. Nothing was done.")
        return box

    def settle(self, state: State, *, is_done: bool, token_hash: str = "", pairing_id: str = "") -> None:
        """What became of a claim or a denial; undone, the box waits on."""
        with self._lock:
            for box in list(self._boxes.values()):
                is_meant = box.token_hash == token_hash or box.pairing_id == pairing_id
                if is_meant and box.state is State.PENDING:
                    self._boxes[box.secret_hash] = replace(box, state=state) if is_done else replace(box, claimed=None)
        self._tell()

    def waiting(self) -> tuple[Pairing, ...]:
        """What managers see, the longest waiting first."""
        with self._lock:
            self._drop_old()
            pending = [box for box in self._boxes.values() if box.state is State.PENDING]
        return tuple(
            Pairing(
                pairing_id=box.pairing_id,
                hint=box.code[:4],
                address=box.address,
                browser=box.browser,
                asked_at=box.asked_at,
                expires_at=box.asked_at + LIFE_S * 1000,
            )
            for box in pending
        )

    def sweep(self) -> None:
        """Codes run out while nobody looks."""
        with self._lock:
            is_changed = self._drop_old()
        if is_changed:
            self._tell()

    def _drop_old(self) -> bool:
        now_s = self.monotonic_s()
        old = [key for key, box in self._boxes.items() if now_s > box.ends_s]
        for key in old:
            del self._boxes[key]
        return bool(old)

    def _tell(self) -> None:
        self.tell(self.waiting())
