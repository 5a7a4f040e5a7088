"""Wrong tries, sessions, refusals and pairing codes in memory, on a clock that the test moves or breaks."""

from dataclasses import dataclass

import pytest

from kiosk_server.domain import staff
from kiosk_server.domain.commands import ReportRefusals
from kiosk_server.domain.errors import NotFound, TooMany
from kiosk_server.domain.staff import Identity, Role, SessionEnd, WrongTries
from kiosk_server.domain.terminal import Kind
from kiosk_server.edge.lockouts import MAX_STRANGERS, Lockouts
from kiosk_server.edge.pairing import LIFE_S, MAX_WAITING, Pairings, token_of
from kiosk_server.edge.passwords import AT_ONCE, WAITING, Hasher
from kiosk_server.edge.refusals import MAX_ROWS, OTHERS, REMEMBERED, Refusals
from kiosk_server.edge.sessions import SESSION_IDLE_S, SESSION_LIFE_S, Sessions
from kiosk_server.edge.tokens import TOKEN_LENGTH, digest

ADA, LANE = "person:Ada", "terminal:lane3"


@dataclass
class Watch:
    """Monotonic time and a wall clock that can be set apart from it."""

    now_s: float = 1000.0
    wall_ms: int = 1_795_172_400_000

    def monotonic_s(self) -> float:
        return self.now_s

    def now_ms(self) -> int:
        return self.wall_ms

    def passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.wall_ms += int(seconds * 1000)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def fails(lockouts: Lockouts, times: int, *subjects: str) -> None:
    for _ in range(times):
        lockouts.begin(subjects, [])


def wait_of(lockouts: Lockouts, *subjects: str) -> int:
    with pytest.raises(TooMany) as refused:
        lockouts.begin(subjects, [])
    found: int = refused.value.details["retry_after_s"]
    return found


def test_five_tries_cost_a_minute_and_ten_half_an_hour(watch: Watch) -> None:
    lockouts = Lockouts(watch.monotonic_s)
    fails(lockouts, 5, ADA)
    assert wait_of(lockouts, ADA) == 60
    watch.passes(59)
    assert wait_of(lockouts, ADA) == 1
    watch.passes(1)
    fails(lockouts, 5, ADA)
    assert wait_of(lockouts, ADA) == 1800
    watch.passes(1800)
    fails(lockouts, 1, ADA)
    assert wait_of(lockouts, ADA) == 1800, "and each further one again"


def test_person_and_terminal_count_apart_but_both_hold(watch: Watch) -> None:
    lockouts = Lockouts(watch.monotonic_s)
    for number in range(5):
        lockouts.begin([f"person:{number}", LANE], [])
    assert wait_of(lockouts, ADA, LANE) == 60
    lockouts.begin([ADA, "terminal:lane4"], [])
    assert lockouts.of(ADA).tries == 1


def test_success_forgives_and_what_was_never_judged_does_not_count(watch: Watch) -> None:
    lockouts = Lockouts(watch.monotonic_s)
    fails(lockouts, 4, ADA)
    lockouts.withdraw(lockouts.begin([ADA], []))
    lockouts.begin([ADA], [])
    assert wait_of(lockouts, ADA) == 60
    lockouts.forgive([ADA])
    fails(lockouts, 4, ADA)


def test_withdrawn_try_does_not_end_the_wait_that_another_began(watch: Watch) -> None:
    lockouts = Lockouts(watch.monotonic_s)
    early = lockouts.begin([ADA], [])
    fails(lockouts, 4, ADA)
    lockouts.withdraw(early)
    assert wait_of(lockouts, ADA) == 60


def test_clock_that_is_set_neither_frees_nor_holds(watch: Watch) -> None:
    lockouts = Lockouts(watch.monotonic_s)
    fails(lockouts, 5, ADA)
    for wall_ms in (0, 2**45):
        watch.wall_ms = wall_ms
        assert wait_of(lockouts, ADA) == 60


def test_restart_goes_on_with_what_was_left(watch: Watch) -> None:
    before = Lockouts(watch.monotonic_s)
    fails(before, 5, ADA)
    watch.passes(20)
    left = before.remaining_s()
    assert left == {ADA: 40}
    after = Lockouts(Watch(now_s=5.0).monotonic_s)
    after.restore([WrongTries(subject=ADA, tries=5, locked_s=left[ADA])])
    assert wait_of(after, ADA) == 40
    assert after.of(ADA).tries == 5


def test_strangers_are_bounded_and_push_nobody_of_ours_out(watch: Watch) -> None:
    lockouts = Lockouts(watch.monotonic_s)
    fails(lockouts, 5, ADA)
    for number in range(MAX_STRANGERS + 100):
        lockouts.begin([], [f"person:{number}"])
    assert len(lockouts._strangers) == MAX_STRANGERS
    assert wait_of(lockouts, ADA) == 60


# -- sessions over a restart --


def kept(watch: Watch, age_s: int = 0, idle_s: int = 0, began_ago_s: int = 0) -> staff.Session:
    return staff.Session(
        session_id="s1",
        person="Mia",
        role=Role.MANAGER,
        source="browser:x",
        began_at=watch.wall_ms - began_ago_s * 1000 - (1 if age_s else 0),
        kept_at=watch.wall_ms,
        age_s=age_s,
        idle_s=idle_s,
        token_hash=digest("token"),
    )


@pytest.mark.parametrize(
    ("age_s", "idle_s", "away_s", "is_there"),
    [
        (100, 10, 30, True),
        (100, 10, SESSION_IDLE_S, False),
        (SESSION_LIFE_S - 20, 0, 30, False),
        (100, 10, -3600, True),
        (100, 10, 10**9, False),
    ],
)
def test_session_over_a_restart(age_s: int, idle_s: int, away_s: int, *, is_there: bool) -> None:
    watch = Watch()
    row = kept(watch, age_s, idle_s)
    sessions = Sessions(watch.monotonic_s)
    sessions.restore([row], watch.wall_ms + away_s * 1000)
    assert (sessions.find("token") is not None) is is_there
    assert len(sessions.take_over()) == (not is_there)


def test_session_after_a_crash_is_as_old_as_the_clock_says() -> None:
    watch = Watch()
    sessions = Sessions(watch.monotonic_s)
    sessions.restore([kept(watch)], watch.wall_ms + 3600 * 1000)
    assert sessions.find("token") is not None
    assert sessions.ages()["s1"].age_s == 3600
    watch.passes(SESSION_IDLE_S + 1)
    assert sessions.take_over() == [("s1", SessionEnd.IDLE)]
    assert sessions.take_over() == []


def test_clock_that_jumps_signs_nobody_out() -> None:
    watch = Watch()
    sessions = Sessions(watch.monotonic_s)
    token = sessions.begin(Identity(name="Mia", role=Role.MANAGER))
    for wall_ms in (0, 2**45):
        watch.wall_ms = wall_ms
        assert sessions.find(token) is not None


# -- refusals --


def test_flood_of_strangers_is_one_bounded_report_and_hides_no_lane(watch: Watch) -> None:
    told: list[ReportRefusals] = []
    ledger = Refusals(watch.now_ms, watch.monotonic_s, told.append)
    ledger.note("lane3", "10.0.0.1", "retire_terminal", "forbidden")
    for number in range(10_000):
        ledger.note("", f"10.0.{number // 250}.{number % 250}", "sign_in" * 50, "not_signed_in")
    ledger.sweep()
    lane, strangers = told
    assert [(row.who, row.what, row.count) for row in lane.refusals] == [("lane3", "retire_terminal", 1)]
    assert len(strangers.refusals) == MAX_ROWS
    assert sum(row.count for row in strangers.refusals) == 10_000
    assert strangers.refusals[-1].who == OTHERS
    shown = ledger.recent()
    assert shown[0].who == "lane3"
    assert len(shown) == REMEMBERED + 1


def test_refusals_that_go_on_are_written_ever_more_seldom_and_none_is_lost(watch: Watch) -> None:
    told: list[ReportRefusals] = []
    ledger = Refusals(watch.now_ms, watch.monotonic_s, told.append)
    for _ in range(24 * 3600):
        ledger.note("", "10.0.0.9", "door: accept", "not_allowed")
        ledger.sweep()
        watch.passes(1)
    ledger.flush()
    assert len(told) < 160
    assert sum(row.count for report in told for row in report.refusals) == 24 * 3600
    watch.passes(3600)
    told.clear()
    ledger.note("", "10.0.0.9", "door: accept", "not_allowed")
    ledger.sweep()
    assert len(told) == 1


def test_refusals_of_before_the_start_are_shown_and_not_written_again(watch: Watch) -> None:
    told: list[ReportRefusals] = []
    before = Refusals(watch.now_ms, watch.monotonic_s, told.append)
    for _ in range(3):
        before.note("", "10.0.0.9", "enrol", "not_signed_in")
        before.flush()
    ledger = Refusals(watch.now_ms, watch.monotonic_s, told.append)
    ledger.restore(row for report in told for row in report.refusals)
    assert [(row.where, row.count) for row in ledger.recent()] == [("10.0.0.9", 3)]
    ledger.flush()
    assert len(told) == 3


# -- pairing codes --


def test_code_runs_out_after_five_minutes(watch: Watch) -> None:
    told: list[int] = []
    pairings = Pairings(watch.now_ms, watch.monotonic_s, lambda waiting: told.append(len(waiting)))
    secret, box = pairings.begin("10.0.0.7", "Chromium")
    watch.passes(LIFE_S)
    assert pairings.of(secret) is not None
    watch.passes(1)
    pairings.sweep()
    assert told == [1, 0]
    assert pairings.of(secret) is None
    with pytest.raises(NotFound):
        pairings.claim(box.code, "lane3", Kind.LANE, "Mia")


def test_waiting_boxes_are_bounded(watch: Watch) -> None:
    pairings = Pairings(watch.now_ms, watch.monotonic_s)
    for number in range(MAX_WAITING):
        pairings.begin(f"10.0.0.{number}", "")
    with pytest.raises(TooMany):
        pairings.begin("10.0.1.1", "")
    assert len({row.hint for row in pairings.waiting()}) > 1


def test_token_follows_from_the_secret_and_only_from_it() -> None:
    assert token_of("a") == token_of("a") != token_of("b")
    assert len(token_of("a")) == TOKEN_LENGTH


# -- hashing --


def test_hash_is_argon2id_as_promised_and_never_the_same_twice() -> None:
    hasher = Hasher()
    try:
        one, same, other = hasher.hash("4711", "a"), hasher.hash("４７１１", "a"), hasher.hash("4711", "b")
        assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert one == same, "the same occasion, the same hash: an order sent twice is the same order"
        assert one != other
        assert hasher.is_right(one, "4711")
        assert hasher.is_right(other, "٤٧١١")
        assert not hasher.is_right(one, "4712")
        assert not hasher.is_right(None, "4711")
        assert not hasher.is_right("nonsense", "4711")
    finally:
        hasher.stop()


def test_hashing_beyond_its_places_is_refused_not_queued() -> None:
    import threading

    hasher, gate = Hasher(), threading.Event()
    try:
        busy = [hasher.later(gate.wait) for _ in range(AT_ONCE + WAITING)]
        with pytest.raises(TooMany):
            hasher.later(gate.wait)
        gate.set()
        assert all(future.result(10) for future in busy)
        assert hasher.later(lambda: 1).result(10) == 1
    finally:
        gate.set()
        hasher.stop()
