"""Codes, sessions, tokens and rates, on a clock that the test moves."""

from dataclasses import dataclass

import pytest

from kiosk_server.domain.errors import NotSignedIn, TooMany
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Enrolment, Kind, Terminal
from kiosk_server.edge.identity import (
    Caller,
    Credentials,
    Identities,
    Sessions,
    SignInCodes,
    TerminalTokens,
    screen_of,
    terminal_identity,
)
from kiosk_server.edge.presence import LATE_S, Leases
from kiosk_server.edge.rates import Buckets, Rate
from kiosk_server.edge.tokens import LETTERS, digest, new_code, tidy_code

MANAGER = Identity(name="manager", role=Role.MANAGER)
LANE = Terminal(name="lane-1", kind=Kind.LANE, token_hash=digest("lane token"))


@dataclass
class Watch:
    now_s: float = 1000.0

    def monotonic_s(self) -> float:
        return self.now_s

    def now_ms(self) -> int:
        return int(self.now_s * 1000)


def test_code_is_good_once() -> None:
    codes = SignInCodes(Watch().monotonic_s)
    code = codes.issue(MANAGER)
    assert codes.redeem(code) == MANAGER
    with pytest.raises(NotSignedIn):
        codes.redeem(code)


def test_code_dies_after_fifteen_minutes() -> None:
    watch = Watch()
    codes = SignInCodes(watch.monotonic_s)
    young, old = codes.issue(MANAGER), codes.issue(MANAGER)
    watch.now_s += 15 * 60 - 1
    assert codes.redeem(young) == MANAGER
    watch.now_s += 2
    with pytest.raises(NotSignedIn):
        codes.redeem(old)


@pytest.mark.parametrize("typed", ["", "XXXX-XXXX", "\ud800", "a" * 10_000, "٤٤٤٤", "\x00"])
def test_wrong_code_is_refused(typed: str) -> None:
    codes = SignInCodes(Watch().monotonic_s)
    codes.issue(MANAGER)
    with pytest.raises(NotSignedIn):
        codes.redeem(typed)


def test_codes_are_bounded_and_the_oldest_goes_first() -> None:
    codes = SignInCodes(Watch().monotonic_s)
    issued = [codes.issue(MANAGER) for _ in range(25)]
    with pytest.raises(NotSignedIn):
        codes.redeem(issued[0])
    assert codes.redeem(issued[-1]) == MANAGER


def test_code_may_be_typed_carelessly() -> None:
    code = new_code()
    assert set(code) <= set(LETTERS + "-")
    for typed in (code.lower(), code.replace("-", ""), f"  {code} ", code.replace("-", " - ")):
        assert tidy_code(typed) == code


def test_session_ends_after_fifteen_idle_minutes() -> None:
    watch = Watch()
    sessions = Sessions(watch.monotonic_s)
    token = sessions.begin(MANAGER)
    watch.now_s += 14 * 60
    session = sessions.find(token)
    assert session is not None
    watch.now_s += 14 * 60
    assert sessions.is_alive(session.session_hash), "the last look kept it alive"
    watch.now_s += 2 * 60
    assert not sessions.is_alive(session.session_hash)
    assert sessions.find(token) is None


def test_session_ends_after_twelve_hours_whatever_happens() -> None:
    watch = Watch()
    sessions = Sessions(watch.monotonic_s)
    token = sessions.begin(MANAGER)
    for _ in range(12 * 6):
        watch.now_s += 10 * 60
        assert sessions.find(token) is not None
    watch.now_s += 1
    assert sessions.find(token) is None


def test_ended_session_is_gone() -> None:
    sessions = Sessions(Watch().monotonic_s)
    token = sessions.begin(MANAGER)
    sessions.end(token)
    assert sessions.find(token) is None
    assert sessions.find("") is None


def test_sessions_are_bounded() -> None:
    watch = Watch()
    sessions = Sessions(watch.monotonic_s)
    first = sessions.begin(MANAGER)
    for _ in range(1000):
        watch.now_s += 0.001
        last = sessions.begin(MANAGER)
    assert sessions.find(first) is None
    assert sessions.find(last) is not None


def test_retired_terminal_does_not_come_back_through_the_cache() -> None:
    store = {LANE.token_hash: LANE}
    tokens = TerminalTokens(store.get)
    assert tokens.find("lane token") == terminal_identity(LANE)
    del store[LANE.token_hash]
    assert tokens.find("lane token") is not None, "cached until told"
    tokens.forget("lane-1")
    assert tokens.find("lane token") is None


def test_terminal_retired_during_its_look_up_is_not_cached() -> None:
    store = {LANE.token_hash: LANE}
    tokens = TerminalTokens(lambda _: None)

    def look_up(token_hash: str) -> Terminal | None:
        found = store.pop(token_hash, None)
        tokens.forget("lane-1")
        return found

    tokens.look_up = look_up
    assert tokens.find("lane token") is not None
    assert tokens.find("lane token") is None


def test_locked_terminal_and_odd_tokens_are_nobody() -> None:
    locked = Terminal(name="lane-1", kind=Kind.LANE, enrolment=Enrolment.LOCKED)
    tokens = TerminalTokens(lambda _: locked)
    for token in ("lane token", "", "x" * 257, "\ud800", "\x00"):
        assert tokens.find(token) is None


def identities(watch: Watch) -> Identities:
    return Identities(
        TerminalTokens(lambda token_hash: LANE if token_hash == LANE.token_hash else None),
        Sessions(watch.monotonic_s),
        SignInCodes(watch.monotonic_s),
        "local token",
    )


def test_local_token_counts_only_on_this_machine() -> None:
    house = identities(Watch())
    here = house.identify(Credentials(bearer="local token", is_own_machine=True))
    assert here is not None
    assert here.identity.role is Role.LOCAL
    assert house.identify(Credentials(bearer="local token")) is None
    assert house.identify(Credentials(terminal_cookie="local token", is_own_machine=True)) is None


def test_wrong_bearer_is_not_saved_by_a_cookie() -> None:
    shown = Credentials(bearer="wrong", terminal_cookie="lane token")
    assert identities(Watch()).identify(shown) is None


def test_screen_picks_between_a_terminal_and_a_person() -> None:
    house = identities(Watch())
    shown = Credentials(terminal_cookie="lane token", session_cookie=house.sessions.begin(MANAGER))

    def screen(wanted: str | None) -> str | None:
        caller = house.identify(shown, wanted)
        assert isinstance(caller, Caller)
        return screen_of(caller.identity)

    assert screen("lane") == "lane"
    assert screen("manager") == "manager"
    assert screen(None) == "manager"
    assert screen("kitchen") == "manager", "nobody here is a kitchen: the page then says so"


def test_bucket_empties_and_fills_again() -> None:
    watch = Watch()
    buckets = Buckets(Rate(burst=2, per_s=0.5), watch.monotonic_s)
    buckets.take("a", "tries")
    buckets.take("a", "tries")
    with pytest.raises(TooMany) as refused:
        buckets.take("a", "tries")
    assert refused.value.details["retry_after_s"] == 2
    buckets.take("b", "tries")
    watch.now_s += 2
    buckets.take("a", "tries")


def test_buckets_stay_bounded_whoever_asks() -> None:
    buckets = Buckets(Rate(burst=1, per_s=1), Watch().monotonic_s, max_keys=100)
    for number in range(10_000):
        buckets.take(f"peer {number}", "tries")
    assert len(buckets._levels) == 100


def test_terminal_is_late_before_it_is_offline() -> None:
    watch, told = Watch(), []
    leases = Leases(watch.now_ms, watch.monotonic_s, lambda name, lease: told.append((name, lease["presence"])))
    leases.arrive("lane-1")
    leases.arrive("lane-1")
    leases.leave("lane-1")
    assert told == [("lane-1", "online")], "the other tab still lives"
    leases.leave("lane-1")
    watch.now_s += LATE_S - 0.1
    leases.sweep()
    assert told[-1] == ("lane-1", "late")
    watch.now_s += 0.2
    leases.sweep()
    leases.sweep()
    assert told == [("lane-1", "online"), ("lane-1", "late"), ("lane-1", "offline")]
    assert leases.online() == frozenset()


def test_reloading_page_is_never_offline() -> None:
    watch, told = Watch(), []
    leases = Leases(watch.now_ms, watch.monotonic_s, lambda _, lease: told.append(lease["presence"]))
    leases.arrive("lane-1")
    leases.leave("lane-1")
    watch.now_s += 2
    leases.arrive("lane-1")
    assert told == ["online", "late", "online"]
