"""Argon2id for PINs and passwords: 19 MiB, two passes, one lane (OWASP's first choice), at most two at a time.

A burst of sign-ins must not take the processor from the tills: beyond a few that wait, people are asked to try again.
"""

import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk_server.domain.errors import TooMany
from kiosk_server.domain.staff import tidy_secret

AT_ONCE: Final = 2
WAITING: Final = 8
_SALT_BYTES: Final = 16

T = TypeVar("T")


class Hasher:
    """Hashes and checks secrets on two threads of its own. `stop` when done."""

    def __init__(self) -> None:
        self._argon = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, salt_len=_SALT_BYTES)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hasher")
        self._places = BoundedSemaphore(AT_ONCE + WAITING)
        self._pepper = secrets.token_bytes(32)
        self._nobodys = self._argon.hash(secrets.token_hex(16))

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def later(self, job: Callable[[], T]) -> "Future[T]":
        """Do it when one of the two is free. Raises TooMany when too many wait already."""
        if not self._places.acquire(blocking=False):
            raise TooMany("Many people sign in at this moment. Nothing was done; try again in 1 s.", retry_after_s=1)
        try:
            future = self._pool.submit(job)
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(lambda _: self._places.release())
        return future

    def hash(self, secret: str, occasion: str) -> str:
        """The hash to keep. The salt follows from the occasion, so that a command sent twice is the same command.

        It is as good as a random one: it is another for every occasion, and nobody can know it before.
        """
        salt = hashlib.blake2b(occasion.encode(), key=self._pepper, digest_size=_SALT_BYTES).digest()
        return self._argon.hash(tidy_secret(secret), salt=salt)

    def is_right(self, known: str | None, secret: str) -> bool:
        """Whether the secret is that of the hash; takes as long for nobody (None) as for somebody."""
        try:
            self._argon.verify(known or self._nobodys, tidy_secret(secret))
        except (VerificationError, InvalidHashError):
            return False
        return known is not None
