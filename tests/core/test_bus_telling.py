"""The counter tells everybody what was done, in order, and only after it is on the disk."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from counter import ADA, HANDLERS, OFF, ON, Counter
from shop import PATIENCE_S

from kiosk_server.core.bus import Entry
from kiosk_server.core.desk import Desk
from kiosk_server.core.publisher import Answers
from kiosk_server.domain.commands import Command, Finish
from kiosk_server.store import journal
from kiosk_server.store.repositories import driver_of

# -- telling --


def test_nothing_is_answered_or_published_before_it_is_committed(opens: Callable[..., Counter]) -> None:
    counter = opens()
    seen: list[tuple[str, int, int]] = []

    def look(what: str, seq: int) -> None:
        seen.append((what, seq, counter.database.head().seq))

    counter.bus.subscribe(lambda entries: look("published", entries[-1].seq))
    counter.bus.start()
    for number in range(20):
        future = counter.bus.submit(ON, ADA, str(number))
        future.add_done_callback(lambda done: look("answered", done.result().seq))
        future.result(PATIENCE_S)
    counter.bus.stop(PATIENCE_S)
    assert len(seen) == 40
    assert all(committed >= seq for _, seq, committed in seen)


def test_subscribers_hear_every_entry_once_in_journal_order(counter: Counter) -> None:
    futures = [counter.bus.submit(ON, ADA, str(number)) for number in range(700)]
    assert all(future.result(PATIENCE_S) for future in futures)
    counter.bus.stop(PATIENCE_S)
    assert counter.heard == counter.journal()


def test_a_failing_subscriber_is_logged_and_the_others_go_on(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    is_called = threading.Event()

    def fail(_: Sequence[Entry]) -> None:
        is_called.set()
        raise ZeroDivisionError

    ends = counter.bus.subscribe(fail)
    later: list[Entry] = []
    counter.bus.subscribe(later.extend)
    counter.asks(ON, "a")
    assert is_called.wait(PATIENCE_S)
    ends()
    counter.asks(OFF, "b")
    counter.bus.stop(PATIENCE_S)
    assert [entry.key for entry in later] == ["a", "b"]
    assert "ZeroDivisionError" in caplog.text


def test_a_stuck_subscriber_holds_nobodys_commit(counter: Counter) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def stick(_: Sequence[Entry]) -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    counter.bus.subscribe(stick)
    counter.asks(ON, "a")
    assert inside.wait(PATIENCE_S)
    assert counter.asks(OFF, "b").ok
    go_on.set()


def test_the_answers_and_what_the_screens_hear_are_sent_together(counter: Counter) -> None:
    order: list[str] = []

    @contextmanager
    def together() -> Iterator[None]:
        order.append("begin")
        yield
        order.append("end")

    counter.bus.publisher.together = together
    counter.bus.subscribe(lambda _: order.append("screen"), is_screen=True)
    counter.bus.subscribe(lambda _: order.append("other"))
    future = counter.bus.submit(ON, ADA, "a")
    future.add_done_callback(lambda _: order.append("answer"))
    future.result(PATIENCE_S)
    counter.bus.stop(PATIENCE_S)
    assert order == ["begin", "answer", "screen", "end", "other"]


def test_a_failing_screen_costs_nobody_an_answer(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Sequence[Entry]) -> None:
        raise ZeroDivisionError

    counter.bus.subscribe(fail, is_screen=True)
    assert [counter.asks(ON, key).ok for key in "abc"] == [True] * 3
    assert "ZeroDivisionError" in caplog.text


def test_more_that_wait_for_their_answers_than_the_queue_holds_are_busy(
    opens: Callable[..., Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = opens(queue_limit=3)
    inside, go_on, done = threading.Event(), threading.Event(), threading.Semaphore(0)
    publish = counter.bus.publisher.publish

    def count(answers: Answers, entries: Sequence[Entry]) -> None:
        publish(answers, entries)
        done.release(len(answers))

    def stick(_: Sequence[Entry]) -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    monkeypatch.setattr(counter.bus.publisher, "publish", count)
    counter.bus.subscribe(stick, is_screen=True)
    counter.bus.start()
    assert counter.asks(ON, "first").ok
    assert inside.wait(PATIENCE_S)
    waiting = [counter.bus.submit(ON, ADA, key) for key in "abc"]
    assert all(done.acquire(timeout=PATIENCE_S) for _ in range(4))
    assert counter.bus.submit(ON, ADA, "d").result(0).code == "busy"
    go_on.set()
    assert all(future.result(PATIENCE_S).ok for future in waiting)
    assert counter.asks(ON, "d").ok


def test_answers_stand_although_the_writer_fails_after_them(
    counter: Counter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(counter.bus._writer, "_tidy", fail)
    told: list[str | None] = []
    is_told = threading.Event()
    counter.bus.watch(lambda trouble: (told.append(trouble), is_told.set())[0])
    assert counter.asks(ON, "a").ok
    assert is_told.wait(PATIENCE_S)
    assert told[0]
    assert "ZeroDivisionError" in caplog.text
    assert [entry.key for entry in counter.journal()] == ["a"]


def test_a_resent_command_is_not_published_again(counter: Counter) -> None:
    counter.asks(ON, "k")
    counter.asks(ON, "k")
    counter.bus.stop(PATIENCE_S)
    assert len(counter.heard) == 1


def test_a_reader_that_stays_holds_no_writer_and_sees_one_moment(counter: Counter) -> None:
    counter.asks(ON, "a")
    with counter.database.read() as conn:
        assert journal.head_of(driver_of(conn)).seq == 1
        for number in range(50):
            assert counter.asks(ON, str(number)).ok
        assert journal.head_of(driver_of(conn)).seq == 1
    assert counter.database.head().seq == 51


def test_a_probe_writes_and_leaves_no_trace(counter: Counter) -> None:
    reply = counter.bus.probe().result(PATIENCE_S)
    assert (reply.ok, reply.seq) == (True, 0)
    assert counter.bus.stats.commits == 1
    assert counter.journal() == []


def test_a_sender_that_gives_up_stops_neither_its_command_nor_the_others(opens: Callable[..., Counter]) -> None:
    counter = opens()
    futures = [counter.bus.submit(ON, ADA, key) for key in ("a", "b", "c")]
    with pytest.raises(TimeoutError):
        futures[1].result(0)
    counter.bus.start()
    assert all(future.result(PATIENCE_S).ok for future in futures)
    assert not counter.bus.is_read_only


def test_a_command_that_outlasts_the_stop_is_answered_all_the_same(opens: Callable[..., Counter]) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def dawdle(_: Command, __: Desk) -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    counter = opens(handlers={**HANDLERS, Finish: dawdle})
    counter.bus.start()
    future = counter.bus.submit(Finish(), ADA, "slow")
    assert inside.wait(PATIENCE_S)
    assert not counter.bus.stop(0)
    go_on.set()
    assert future.result(PATIENCE_S).ok
