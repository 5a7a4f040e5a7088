"""A promise does what a Future does, wherever an answer is waited for or heard of."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import InvalidStateError

import pytest

from kiosk_server.promise import Promise

PATIENCE_S = 30


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_value_is_there_once_it_is_kept_none_too() -> None:
    for value in (7, None):
        promise: Promise[int | None] = Promise()
        assert not promise.done()
        promise.set_result(value)
        assert promise.done()
        assert promise.result() is value
        assert promise.result(0) is value
        assert promise.exception() is None


def test_exception_is_raised_by_all_who_ask() -> None:
    promise: Promise[int] = Promise()
    promise.set_exception(LookupError("no such item"))
    for _ in range(2):
        with pytest.raises(LookupError, match="no such item"):
            promise.result()
    assert isinstance(promise.exception(), LookupError)
    assert promise.done()


def test_it_is_kept_once() -> None:
    promise: Promise[int] = Promise()
    promise.set_result(1)
    with pytest.raises(InvalidStateError):
        promise.set_result(2)
    with pytest.raises(InvalidStateError):
        promise.set_exception(ValueError())
    assert promise.result() == 1


def test_whoever_waits_gives_up_in_time_and_may_ask_again() -> None:
    promise: Promise[int] = Promise()
    with pytest.raises(TimeoutError):
        promise.result(0.001)
    with pytest.raises(TimeoutError):
        promise.exception(0)
    promise.set_result(3)
    assert promise.result(0.001) == 3


def test_who_waits_in_other_threads_hears() -> None:
    promise: Promise[int] = Promise()
    heard: list[int] = []
    threads = [threading.Thread(target=lambda: heard.append(promise.result(PATIENCE_S))) for _ in range(5)]
    for thread in threads:
        thread.start()
    promise.set_result(4)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert heard == [4] * 5


def test_callbacks_come_in_order_by_the_thread_that_keeps_it_and_later_ones_at_once() -> None:
    promise: Promise[str] = Promise()
    heard: list[tuple[str, str, int]] = []

    def hear(name: str, done: Promise[str]) -> None:
        heard.append((name, done.result(), threading.get_ident()))

    promise.add_done_callback(lambda done: hear("first", done))
    promise.add_done_callback(lambda done: hear("second", done))
    assert not heard
    keeper = threading.Thread(target=promise.set_result, args=("kept",))
    keeper.start()
    keeper.join(PATIENCE_S)
    promise.add_done_callback(lambda done: hear("late", done))
    assert [(name, value) for name, value, _ in heard] == [("first", "kept"), ("second", "kept"), ("late", "kept")]
    assert heard[0][2] == heard[1][2] != heard[2][2] == threading.get_ident()


def test_callback_that_fails_is_logged_and_silences_no_other(caplog: pytest.LogCaptureFixture) -> None:
    promise: Promise[int] = Promise()
    heard: list[int] = []
    promise.add_done_callback(lambda _: 1 // 0)
    promise.add_done_callback(lambda done: heard.append(done.result()))
    promise.set_result(5)
    promise.add_done_callback(lambda _: next(iter(())))
    assert heard == [5]
    assert "ZeroDivisionError" in caplog.text
    assert "StopIteration" in caplog.text
    caplog.clear()


@pytest.mark.usefixtures("hasty")
def test_no_callback_is_lost_or_called_twice_while_it_is_being_kept() -> None:
    for _ in range(200):
        promise: Promise[int] = Promise()
        heard: list[int] = []
        start = threading.Barrier(4)

        def add(
            who: int, promise: Promise[int] = promise, heard: list[int] = heard, start: threading.Barrier = start
        ) -> None:
            start.wait(PATIENCE_S)
            for number in range(5):
                promise.add_done_callback(lambda _, number=who * 5 + number: heard.append(number))  # type: ignore[misc]

        threads = [threading.Thread(target=add, args=(who,)) for who in range(3)]
        for thread in threads:
            thread.start()
        start.wait(PATIENCE_S)
        promise.set_result(1)
        for thread in threads:
            thread.join(PATIENCE_S)
        assert sorted(heard) == [*range(15)]


def test_it_says_how_it_stands() -> None:
    promise: Promise[int] = Promise()
    failed: Promise[int] = Promise()
    assert "not kept" in repr(promise)
    promise.set_result(6)
    failed.set_exception(ValueError("why"))
    assert "6" in repr(promise)
    assert "why" in repr(failed)
