"""The threads that run handlers: as few as it takes, and never one too few."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator

import pytest

from kiosk_server.transport.reactor import Reactor, Timer
from kiosk_server.transport.workers import Workers

PATIENCE_S = 30


@pytest.fixture
def make() -> Iterator[Callable[[int], Workers]]:
    made: list[Workers] = []
    reactor = Reactor()

    def start(count: int) -> Workers:
        made.append(Workers(count, "worker", reactor.call_at))
        return made[-1]

    yield start
    reactor.stop()  # as a hub does
    for workers in made:
        workers.stop(PATIENCE_S)
        assert not any(thread.is_alive() for thread in workers._threads)


def done(workers: Workers) -> threading.Event:
    """Set once all that was submitted so far has been begun, and one more job done."""
    event = threading.Event()
    workers.submit(event.set)
    return event


def test_jobs_are_done_in_order_by_one_thread_where_one_is_enough(make: Callable[[int], Workers]) -> None:
    workers = make(8)
    gate, order, threads = threading.Event(), list[int](), set[int]()
    workers.submit(lambda: gate.wait(PATIENCE_S))

    def job(number: int) -> None:
        order.append(number)
        threads.add(threading.get_ident())

    for number in range(1000):
        workers.submit(lambda number=number: job(number))  # type: ignore[misc]
    last = done(workers)
    gate.set()
    assert last.wait(PATIENCE_S)
    assert order == [*range(1000)]
    # Whoever stood at the gate, and the one who was woken when nobody took a job.
    assert len(threads) <= 2


def test_a_job_that_takes_its_time_holds_nobody_up(make: Callable[[int], Workers]) -> None:
    workers = make(4)
    gate = threading.Event()
    inside = [threading.Event() for _ in range(3)]
    for event in inside:
        workers.submit(lambda event=event: (event.set(), gate.wait(PATIENCE_S)))  # type: ignore[misc]
    assert all(event.wait(PATIENCE_S) for event in inside), "all three at the same time"
    assert done(workers).wait(PATIENCE_S), "and a fourth beside them"
    gate.set()


def test_jobs_wait_while_all_threads_are_held_up_and_are_done_afterwards(make: Callable[[int], Workers]) -> None:
    workers = make(2)
    gate = threading.Event()
    inside = threading.Barrier(3)
    for _ in range(2):
        workers.submit(lambda: (inside.wait(PATIENCE_S), gate.wait(PATIENCE_S)))
    inside.wait(PATIENCE_S)
    waiting = [done(workers) for _ in range(50)]
    assert workers.backlog() == 50
    assert not any(event.is_set() for event in waiting)
    gate.set()
    assert all(event.wait(PATIENCE_S) for event in waiting)
    assert workers.backlog() == 0


def test_no_job_is_forgotten_between_waking_and_falling_asleep(make: Callable[[int], Workers]) -> None:
    workers = make(3)
    for _ in range(3000):  # each finds the threads at another moment of falling asleep
        assert done(workers).wait(PATIENCE_S)

    counts = [0] * 4
    finished = [threading.Event() for _ in counts]

    def submit(who: int) -> None:
        def job() -> None:
            counts[who] += 1
            if counts[who] == 500:
                finished[who].set()
            else:
                workers.submit(job)

        workers.submit(job)

    senders = [threading.Thread(target=submit, args=(who,)) for who in range(4)]
    for sender in senders:
        sender.start()
    assert all(event.wait(PATIENCE_S) for event in finished)
    assert counts == [500] * 4


def test_a_job_that_fails_costs_nobody_else_anything(
    make: Callable[[int], Workers], caplog: pytest.LogCaptureFixture
) -> None:
    workers = make(1)
    workers.submit(lambda: 1 // 0)
    assert done(workers).wait(PATIENCE_S)
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


def test_stopping_finishes_what_is_queued(make: Callable[[int], Workers]) -> None:
    workers = make(3)
    gate, order = threading.Event(), list[int]()
    workers.submit(lambda: gate.wait(PATIENCE_S))
    for number in range(100):
        workers.submit(lambda number=number: order.append(number))  # type: ignore[misc]
    gate.set()
    workers.stop(PATIENCE_S)
    assert sorted(order) == [*range(100)]


def test_an_idle_thread_keeps_nothing_of_its_last_job(make: Callable[[int], Workers]) -> None:
    class Job:
        def __call__(self) -> None:
            is_done.set()

    workers, is_done = make(1), threading.Event()
    job = Job()
    gone = weakref.ref(job)
    workers.submit(job)
    del job
    assert is_done.wait(PATIENCE_S)
    assert done(workers).wait(PATIENCE_S)
    gc.collect()
    assert gone() is None


def asleep(workers: Workers, count: int) -> None:
    """Wait until that many threads sleep: there is no event for what is about to fall asleep."""
    ends = time.monotonic() + PATIENCE_S
    while len(workers._asleep) != count:
        assert time.monotonic() < ends
        time.sleep(0.001)


class Watched:
    """Threads of which one stands in a handler; the watches that were asked for are called by the test."""

    def __init__(self, count: int) -> None:
        self.watches: list[Timer] = []
        self.workers = Workers(count, "worker", lambda _when, timer: self.watches.append(timer))
        self.gate = threading.Event()
        asleep(self.workers, count)
        self.hold()

    def hold(self) -> None:
        inside = threading.Event()
        self.workers.submit(lambda: (inside.set(), self.gate.wait(PATIENCE_S)))
        assert inside.wait(PATIENCE_S)

    def look(self, when: float) -> float | None:
        return self.watches[0](when)


@pytest.fixture
def watched() -> Iterator[Callable[[int], Watched]]:
    made: list[Watched] = []

    def start(count: int) -> Watched:
        made.append(Watched(count))
        return made[-1]

    yield start
    for one in made:
        one.gate.set()
        one.workers.stop(PATIENCE_S)
        assert not any(thread.is_alive() for thread in one.workers._threads)


def test_another_thread_wakes_only_when_the_same_job_is_still_next_a_while_later(
    watched: Callable[[int], Watched],
) -> None:
    one = watched(3)
    second, third = threading.Event(), threading.Event()
    assert not one.watches, "the one who was woken took it"
    one.workers.submit(lambda: (second.set(), one.gate.wait(PATIENCE_S)))
    one.workers.submit(third.set)
    assert len(one.watches) == 1, "one watch for all that wait"
    assert len(one.workers._asleep) == 2
    now = time.monotonic() + 0.001
    again = one.look(now)
    assert second.wait(PATIENCE_S), "nobody took it: one more wakes"
    assert again == pytest.approx(now + 0.001)

    asleep(one.workers, 1)
    assert one.look(now + 0.001)
    assert not third.is_set(), "another job is next than at the last look, so somebody is taking them"
    assert one.look(now + 0.002) is None, "now it is still the same; and nobody is left who sleeps"
    assert one.workers._seen is None, "nor does a watch that ended keep a job"
    assert third.wait(PATIENCE_S)


def test_who_was_called_and_waits_for_the_interpreter_is_given_time(watched: Callable[[int], Watched]) -> None:
    one = watched(2)
    sleeper = one.workers._asleep[-1]
    one.workers._called.append(sleeper)  # as of one who has been woken and does not run yet
    one.workers.submit(lambda: None)
    now = time.monotonic() + 0.001
    assert one.look(now)
    assert one.workers._asleep == [sleeper], "nobody else is woken meanwhile"
    one.workers._called.remove(sleeper)
    assert one.look(now + 0.001) is None
    assert done(one.workers).wait(PATIENCE_S)


def test_while_the_interpreter_is_taken_nobody_is_woken_for_some_looks_and_then_somebody_is(
    watched: Callable[[int], Watched],
) -> None:
    one = watched(2)
    began = time.monotonic()
    one.workers.submit(lambda: None)
    for late in (0.004, 0.008):  # each some 3 ms after it was due
        assert one.look(began + late)
        assert len(one.workers._asleep) == 1
    assert one.look(began + 0.012) is None
    assert done(one.workers).wait(PATIENCE_S)
