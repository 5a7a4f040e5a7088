"""A value that somebody will have later: what a Future of the standard library is, without its price.

`concurrent.futures.Future` guards every look at it with a Condition, three calls in Python each time. An answer to a
command passes through two of them with four callbacks, and that was a sixth of all calls that a scan made.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import InvalidStateError
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Promise(Generic[T]):
    """Is kept once, with a value or an exception, and cannot be cancelled: whoever gives up waiting has still asked.

    The methods are those of a Future, and do what they do there; from any thread.
    """

    __slots__ = ("_callbacks", "_error", "_is_kept", "_lock", "_value")

    _value: T

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[Promise[T]], object]] = []
        self._error: BaseException | None = None
        self._is_kept = False

    def __repr__(self) -> str:
        if not self._is_kept:
            return "<Promise, not kept yet>"
        return f"<Promise of {self._value!r}>" if self._error is None else f"<Promise that failed: {self._error!r}>"

    def done(self) -> bool:
        """Whether it is kept."""
        return self._is_kept

    def result(self, timeout: float | None = None) -> T:
        """The value, waiting for it `timeout` seconds at the most; or raise the exception, or TimeoutError."""
        if not self._is_kept:
            self._wait(timeout)
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What `result` would raise, or None."""
        if not self._is_kept:
            self._wait(timeout)
        return self._error

    def add_done_callback(self, callback: "Callable[[Promise[T]], object]") -> None:
        """Have it called with this promise when that is kept, by the thread that does so; or at once if it is.

        They are called in order. One that raises is logged, and the next is called.
        """
        with self._lock:
            if not self._is_kept:
                self._callbacks.append(callback)
                return
        self._tell(callback)

    def set_result(self, value: T) -> None:
        """Keep it. InvalidStateError if that was done before."""
        with self._lock:
            self._check()
            self._value = value
            self._is_kept = True
        self._tell_all()

    def set_exception(self, error: BaseException) -> None:
        """Keep it with an exception. InvalidStateError if it was kept before."""
        with self._lock:
            self._check()
            self._error = error
            self._is_kept = True
        self._tell_all()

    def _check(self) -> None:
        if self._is_kept:
            raise InvalidStateError(f"it was kept before: {self!r}")

    def _wait(self, timeout: float | None) -> None:
        is_kept = threading.Event()
        self.add_done_callback(lambda _: is_kept.set())
        if not is_kept.wait(timeout):
            raise TimeoutError

    def _tell_all(self) -> None:
        # Nobody adds to them any more.
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            self._tell(callback)

    def _tell(self, callback: "Callable[[Promise[T]], object]") -> None:
        try:
            callback(self)
        except Exception:
            log.exception("a callback of %r failed", self)
