"""The counter's promises: once each, all or nothing, answered after the commit, published in order."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from counter import ADA, BEN, HANDLERS, LANE, OFF, ON, ROLES, Counter
from shop import NOON_MS, PATIENCE_S

from kiosk_server.core.bus import Reply
from kiosk_server.core.desk import Desk
from kiosk_server.domain.basket import Line, Totals
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.commands import Arrive, CallAttendant, Command, Finish, SuspendBasket
from kiosk_server.domain.events import BasketOpened, ItemScanned
from kiosk_server.domain.staff import Role
from kiosk_server.store import journal
from kiosk_server.store.pen import Bulk
from kiosk_server.store.repositories import driver_of

# -- who may --


def test_a_lane_giving_a_managers_command_is_refused_before_the_queue(counter: Counter) -> None:
    reply = counter.asks(ON, "k", LANE)
    assert (reply.ok, reply.code) == (False, "forbidden")
    assert counter.bus.stats.commands == 0


def test_a_command_without_a_row_is_unknown(counter: Counter) -> None:
    assert counter.asks(Arrive(), "k").code == "unknown_command"


def test_a_handler_without_a_row_of_roles_stops_the_start(opens: Callable[..., Counter]) -> None:
    with pytest.raises(ValueError, match="Finish"):
        opens(roles={kind: row for kind, row in ROLES.items() if kind is not Finish})


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_key_that_is_no_key_is_a_bad_request(counter: Counter, key: str) -> None:
    assert counter.asks(ON, key).code == "bad_request"


# -- once each --


def test_a_resent_command_gets_its_first_answer_and_is_done_once(counter: Counter) -> None:
    first = counter.asks(ON, "k")
    counter.asks(OFF, "another")
    assert counter.asks(ON, "k") == first
    assert [entry.key for entry in counter.journal()] == ["k", "another"]
    assert counter.bus.stats.replayed == 1


def test_an_answer_survives_a_restart(tmp_path: Path) -> None:
    before = Counter(tmp_path)
    before.bus.start()
    first = before.asks(ON, "k")
    before.closes()
    after = Counter(tmp_path)
    after.bus.start()
    assert after.asks(ON, "k") == first
    assert len(after.journal()) == 1
    after.closes()


def test_a_key_with_another_command_is_refused(counter: Counter) -> None:
    counter.asks(ON, "k")
    reply = counter.asks(OFF, "k")
    assert (reply.code, reply.details) == ("key_reused", {"key": "k"})
    assert len(counter.journal()) == 1


def test_two_identities_may_choose_the_same_key(counter: Counter) -> None:
    assert counter.asks(ON, "k", ADA).ok
    assert counter.asks(OFF, "k", BEN).ok
    assert [entry.by for entry in counter.journal()] == ["ada", "ben"]


def test_a_command_that_records_nothing_is_answered_once_too(counter: Counter) -> None:
    assert counter.asks(SuspendBasket(), "k") == counter.asks(SuspendBasket(), "k")
    assert counter.journal() == []


def test_a_refused_command_may_be_tried_again_with_its_key(counter: Counter) -> None:
    assert counter.asks(Finish(), "k").code == "wrong_state"
    assert counter.asks(ON, "k").ok


def test_concurrent_senders_of_the_same_keys_have_one_effect_each(counter: Counter) -> None:
    keys = [f"k{number}" for number in range(40)]
    gate = threading.Barrier(8)
    answers: list[list[Reply]] = []

    def send() -> None:
        gate.wait(PATIENCE_S)
        futures = [counter.bus.submit(ON, ADA, key) for key in keys]
        answers.append([future.result(PATIENCE_S) for future in futures])

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(PATIENCE_S)
    assert len(answers) == 8
    assert all(heard == answers[0] for heard in answers)
    assert sorted(entry.key for entry in counter.journal()) == sorted(keys)


def test_keys_are_forgotten_after_seven_days(counter: Counter) -> None:
    counter.asks(ON, "k")
    counter.clock.passes(7 * 24 * 3600 * 1000 + 1)
    counter.asks(OFF, "another")  # the purge rides in this transaction
    assert counter.asks(OFF, "k").ok


def test_keys_are_kept_for_seven_days(counter: Counter) -> None:
    counter.asks(ON, "k")
    counter.clock.passes(7 * 24 * 3600 * 1000 - 1)
    counter.asks(OFF, "another")
    assert counter.asks(OFF, "k").code == "key_reused"


TWO_YEARS_MS = 2 * 365 * 24 * 3600 * 1000


@pytest.mark.parametrize("jump_ms", [TWO_YEARS_MS, -NOON_MS])
def test_keys_outlive_a_clock_that_is_set(counter: Counter, jump_ms: int) -> None:
    counter.asks(ON, "k")
    counter.clock.jumps(jump_ms)  # a box without a battery hears the time, or loses it
    counter.clock.passes(3600 * 1000)
    counter.asks(OFF, "meanwhile")
    counter.clock.jumps(-jump_ms)
    counter.clock.passes(3600 * 1000)
    counter.asks(OFF, "another")
    assert counter.asks(OFF, "k").code == "key_reused"
    assert counter.asks(ON, "meanwhile").code == "key_reused"


def test_keys_outlive_a_restart_with_another_clock_and_are_forgotten_in_their_time(tmp_path: Path) -> None:
    before = Counter(tmp_path)
    before.bus.start()
    before.asks(ON, "k")
    before.closes()
    after = Counter(tmp_path)
    after.clock.jumps(TWO_YEARS_MS)
    after.bus.start()
    after.clock.passes(7 * 24 * 3600 * 1000 - 1)
    after.asks(OFF, "another")
    assert after.asks(OFF, "k").code == "key_reused"
    after.clock.passes(600_002)
    after.asks(OFF, "a third")
    assert after.asks(OFF, "k").ok
    after.closes()


# -- all or nothing --


def test_a_refused_command_leaves_no_trace_between_its_neighbours(opens: Callable[..., Counter]) -> None:
    counter = opens()
    commands = [(ON, "a"), (Finish(), "b"), (OFF, "c"), (CallAttendant(), "d"), (ON, "e")]
    futures = [counter.bus.submit(command, ADA, key) for command, key in commands]
    counter.bus.start()  # all five wait, so they share one transaction
    replies = [future.result(PATIENCE_S) for future in futures]
    assert [reply.code for reply in replies] == ["", "wrong_state", "", "internal", ""]
    assert [(entry.seq, entry.key) for entry in counter.journal()] == [(1, "a"), (2, "c"), (3, "e")]
    assert counter.bus.stats.commits == 1
    assert counter.asks(SuspendBasket(), "f").result["day"] is None  # type: ignore[index]


def test_a_refusal_carries_its_code_message_and_details(counter: Counter) -> None:
    reply = counter.asks(Finish(), "k")
    assert (reply.code, reply.message, reply.details) == ("wrong_state", "No.", {"why": "because"})


def test_a_fault_in_a_handler_is_logged_with_its_place(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert counter.asks(CallAttendant(), "k").code == "internal"
    assert "ZeroDivisionError" in caplog.text
    assert counter.bus.stats.failed == 1
    assert counter.asks(ON, "next").ok


def test_the_journal_has_no_gaps_after_refusals(counter: Counter) -> None:
    futures = [
        counter.bus.submit([ON, Finish(), OFF, CallAttendant()][number % 4], ADA, str(number)) for number in range(200)
    ]
    assert all(future.result(PATIENCE_S) for future in futures)
    assert [entry.seq for entry in counter.journal()] == list(range(1, 101))
    with counter.database.read() as conn:
        assert journal.check(driver_of(conn)) == (counter.database.head(), None)


# -- groups --


def test_a_command_that_spoils_its_batch_is_undone_alone(
    opens: Callable[..., Counter], caplog: pytest.LogCaptureFixture
) -> None:
    counter = opens()
    sent = [(ON, "a"), (CallAttendant(), "b"), (OFF, "c"), (Finish(), "d"), (ON, "a"), (OFF, "a"), (ON, "e")]
    futures = [counter.bus.submit(command, ADA, key) for command, key in sent]
    counter.bus.start()
    replies = [future.result(PATIENCE_S) for future in futures]
    assert [reply.code for reply in replies] == ["", "internal", "", "wrong_state", "", "key_reused", ""]
    assert replies[4] == replies[0]
    assert [(entry.seq, entry.key) for entry in counter.journal()] == [(1, "a"), (2, "c"), (3, "e")]
    stats = counter.bus.stats
    assert (stats.commits, stats.refused, stats.failed, stats.replayed) == (1, 2, 1, 1)
    assert [record.levelname for record in caplog.records] == ["ERROR"], "logged once, though done twice"


def test_a_batch_without_such_a_command_makes_no_savepoint(opens: Callable[..., Counter]) -> None:
    counter = opens()
    statements: list[str] = []
    driver_of(counter.database.writer).set_trace_callback(statements.append)
    futures = [counter.bus.submit(ON, ADA, str(number)) for number in range(100)]
    counter.bus.start()
    assert all(future.result(PATIENCE_S) for future in futures)
    assert not [text for text in statements if "SAVEPOINT" in text]
    asked = [text for text in statements if "command_keys" in text and text.startswith("SELECT")]
    assert len(asked) == 1, "one question for all keys"


def test_the_rows_of_a_batch_are_written_together(opens: Callable[..., Counter]) -> None:
    line = Line(
        line_id=1,
        item_id="a",
        name="A",
        kind=ItemKind.GROCERY,
        quantity=1,
        unit_price_cents=9,
        total_cents=9,
        tax_class="A",
        tax_rate_bp=0,
    )

    def scan(_: Command, desk: Desk) -> None:
        if desk.repositories.basket("b") is None:
            desk.record(BasketOpened(terminal="lane1", basket_id="b", day="2026-01-01", opened_at=1))
        desk.record(ItemScanned(terminal="lane1", basket_id="b", line=line, totals=Totals(1, 9, 9)))

    counter = opens(handlers={**HANDLERS, Arrive: scan}, roles={**ROLES, Arrive: frozenset({Role.MANAGER})})
    statements: list[str] = []
    futures = [counter.bus.submit(Arrive(), ADA, str(number)) for number in range(100)]
    driver_of(counter.database.writer).set_trace_callback(statements.append)
    counter.bus.start()
    assert all(future.result(PATIENCE_S).ok for future in futures)
    for table in ("INTO journal", "INTO command_keys", "INTO lines", "baskets SET"):
        assert 1 <= len([text for text in statements if table in text]) <= 10, table
    assert [entry.seq for entry in counter.journal()] == [*range(1, 102)]


def test_a_row_that_cannot_be_written_fails_its_command_alone(
    opens: Callable[..., Counter], caplog: pytest.LogCaptureFixture
) -> None:
    add = Bulk("INSERT INTO house (name, value) VALUES {rows}", 2)

    def write_twice(_: Command, desk: Desk) -> None:
        for _ in range(2):
            desk.repositories.driver.later(add, ("opened", "today"))

    counter = opens(handlers={**HANDLERS, Arrive: write_twice}, roles={**ROLES, Arrive: frozenset({Role.MANAGER})})
    sent = [(ON, "a"), (Arrive(), "b"), (OFF, "c"), (SuspendBasket(), "d")]
    futures = [counter.bus.submit(command, ADA, key) for command, key in sent]
    counter.bus.start()
    assert [future.result(PATIENCE_S).code for future in futures] == ["", "internal", "", ""]
    assert [(entry.seq, entry.key) for entry in counter.journal()] == [(1, "a"), (2, "c")]
    assert not counter.bus.is_read_only
    assert "IntegrityError" in caplog.text
    assert counter.asks(ON, "e").ok, "and the next batch is written together again"


def test_a_probe_behind_a_row_that_cannot_be_written_is_no_trouble_with_the_disk(opens: Callable[..., Counter]) -> None:
    add = Bulk("INSERT INTO house (name, value) VALUES {rows}", 2)

    def write_twice(_: Command, desk: Desk) -> None:
        for _ in range(2):
            desk.repositories.driver.later(add, ("opened", "today"))

    counter = opens(handlers={**HANDLERS, Arrive: write_twice}, roles={**ROLES, Arrive: frozenset({Role.MANAGER})})
    futures = [counter.bus.submit(ON, ADA, "a"), counter.bus.submit(Arrive(), ADA, "b"), counter.bus.probe()]
    counter.bus.start()
    assert [future.result(PATIENCE_S).code for future in futures] == ["", "internal", ""]
    assert not counter.bus.is_read_only
    assert [entry.key for entry in counter.journal()] == ["a"]


def test_a_value_that_the_driver_cannot_take_fails_its_command_alone(opens: Callable[..., Counter]) -> None:
    add = Bulk("INSERT INTO house (name, value) VALUES {rows}", 2)

    def write_too_much(_: Command, desk: Desk) -> None:
        desk.repositories.driver.later(add, ("number", 1 << 70))

    counter = opens(handlers={**HANDLERS, Arrive: write_too_much}, roles={**ROLES, Arrive: frozenset({Role.MANAGER})})
    futures = [counter.bus.submit(command, ADA, key) for command, key in ((ON, "a"), (Arrive(), "b"))]
    counter.bus.start()
    assert [future.result(PATIENCE_S).code for future in futures] == ["", "internal"]
    assert not counter.bus.is_read_only
    assert [entry.key for entry in counter.journal()] == ["a"]


def test_what_waits_is_committed_together(opens: Callable[..., Counter]) -> None:
    counter = opens()
    futures = [counter.bus.submit(ON, ADA, str(number)) for number in range(600)]
    counter.bus.start()
    assert all(future.result(PATIENCE_S) for future in futures)
    assert counter.bus.stats.commits == 3
    assert counter.bus.stats.largest_batch == 256


def test_what_waits_before_the_start_is_done_after_it(opens: Callable[..., Counter]) -> None:
    counter = opens()
    waiting = [counter.bus.submit(ON, ADA, str(number)) for number in range(3)]
    assert not any(future.done() for future in waiting)
    counter.bus.start()
    assert all(future.result(PATIENCE_S).ok for future in waiting)


def test_a_command_beyond_the_queue_is_busy(opens: Callable[..., Counter]) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def dawdle(_: Command, __: Desk) -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    counter = opens(handlers={**HANDLERS, Finish: dawdle}, queue_limit=2)
    counter.bus.start()
    first = counter.bus.submit(Finish(), ADA, "slow")
    assert inside.wait(PATIENCE_S)
    waiting = [counter.bus.submit(ON, ADA, key) for key in ("a", "b")]
    refused = counter.bus.submit(ON, ADA, "c")
    assert refused.done()
    assert refused.result().code == "busy"
    go_on.set()
    assert all(future.result(PATIENCE_S).ok for future in (first, *waiting))
    assert counter.asks(ON, "c").ok


def test_a_bus_that_was_never_started_still_finishes_what_waits(opens: Callable[..., Counter]) -> None:
    counter = opens()
    future = counter.bus.submit(ON, ADA, "k")
    assert counter.bus.stop(PATIENCE_S)
    assert future.result(PATIENCE_S).ok


def test_stopping_finishes_what_waits_and_refuses_what_comes(opens: Callable[..., Counter]) -> None:
    counter = opens()
    counter.bus.start()
    futures = [counter.bus.submit(ON, ADA, str(number)) for number in range(500)]
    assert counter.bus.stop(PATIENCE_S)
    assert all(future.done() and future.result().ok for future in futures)
    assert counter.asks(ON, "late").code == "busy"
    assert len(counter.heard) == 500
