"""Which descriptors are ready: epoll, or what `selectors` finds where there is none.

`selectors` keeps a named tuple for each descriptor, makes another at each change, and costs 0.6 kB a client. Here a
descriptor is an int in a dict, and a thousand terminals that come back cost a tenth less.
"""

from __future__ import annotations

import select
import selectors
from collections.abc import Iterator
from typing import Any, Final

HAS_EPOLL: Final = hasattr(select, "epoll")
READ: Final = select.EPOLLIN if HAS_EPOLL else selectors.EVENT_READ
WRITE: Final = select.EPOLLOUT if HAS_EPOLL else selectors.EVENT_WRITE

_EVENTS_AT_ONCE: Final = 1024


class EpollPoller:
    """Descriptors and their owners, over epoll."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._owners: dict[int, Any] = {}

    def watch(self, number: int, was: int, mask: int, owner: Any) -> None:
        """Change what a descriptor is watched for, from `was` to `mask`; 0 is nothing at all."""
        if not was:
            if mask:
                self._epoll.register(number, mask)
                self._owners[number] = owner
        elif mask:
            self._epoll.modify(number, mask)
        else:
            del self._owners[number]
            self._epoll.unregister(number)

    def wait(self, timeout_s: float | None) -> Iterator[tuple[Any, int]]:
        """Yield owners and what they are ready for; both, where the descriptor has failed."""
        owners = self._owners
        for number, events in self._epoll.poll(timeout_s, _EVENTS_AT_ONCE):
            owner = owners.get(number)  # gone, if one that was served before it in this round closed it
            if owner is not None:
                yield owner, events if events in (READ, WRITE) else READ | WRITE

    def owners(self) -> list[Any]:
        """Return whom it watches."""
        return list(self._owners.values())

    def close(self) -> None:
        """Free its own descriptor."""
        self._epoll.close()


class SelectorPoller:
    """The same over `selectors`."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, number: int, was: int, mask: int, owner: Any) -> None:
        """Change what a descriptor is watched for, from `was` to `mask`; 0 is nothing at all."""
        if not was:
            if mask:
                self._selector.register(number, _events(mask), owner)
        elif mask:
            self._selector.modify(number, _events(mask), owner)
        else:
            self._selector.unregister(number)

    def wait(self, timeout_s: float | None) -> Iterator[tuple[Any, int]]:
        """Yield owners and what they are ready for."""
        for key, events in self._selector.select(timeout_s):
            yield key.data, READ * bool(events & selectors.EVENT_READ) | WRITE * bool(events & selectors.EVENT_WRITE)

    def owners(self) -> list[Any]:
        """Return whom it watches."""
        return [key.data for key in self._selector.get_map().values()]

    def close(self) -> None:
        """Free its own descriptor."""
        self._selector.close()


def _events(mask: int) -> int:
    return selectors.EVENT_READ * bool(mask & READ) | selectors.EVENT_WRITE * bool(mask & WRITE)


Poller: Final = EpollPoller if HAS_EPOLL else SelectorPoller
