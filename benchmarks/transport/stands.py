"""A stand is one peer with its load and its clients, all alive at the same time as the other stands.

Law: rounds are interleaved (ours, bare, node, ours, ...) in an order that turns, so that whatever
else the machine does meets everybody; a stand that breaks leaves with its reason, and the rest go on.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable
from typing import Self, TypeVar

from benchmarks.outcome import Run
from benchmarks.peers import Peer
from benchmarks.running import Load, LoadError, Server

WARM_UP_BROADCASTS = 5
T = TypeVar("T")


class Stand:
    """`clients` live connections to one peer; `rss_kb` is what one of them adds to the process."""

    def __init__(self, peer: Peer, clients: int, policy: str) -> None:
        self.peer, self.clients = peer, clients
        self.server = Server(peer, clients)
        self.load = Load(self.server, policy)
        self.rss_kb = 0.0
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.server)
            stack.enter_context(self.load)
            self._fill()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _fill(self) -> None:
        # The first client pays for every lazy import and pool; it is not counted.
        self.load.ask("connect", count=1, parallel=1)
        self.load.ask("broadcasts", count=WARM_UP_BROADCASTS, gap_s=0.01)
        before_kb = self.server.rss_kb()
        self.load.ask("connect", count=self.clients - 1, parallel=64)
        self.load.ask("broadcasts", count=WARM_UP_BROADCASTS, gap_s=0.05)
        self.rss_kb = (self.server.rss_kb() - before_kb) / (self.clients - 1)


class Stands(contextlib.ExitStack):
    """Those that could be set up, by name, and the reasons of those that could not or broke later."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.missing: dict[str, str] = {}
        self.standing: dict[str, Stand] = {}

    def set_up(self, name: str, peer: Peer, clients: int, policy: str = "normal") -> None:
        """Starts one; never raises for what a peer lacks."""
        if peer.needs in self.run.missing:
            self.missing[name] = self.run.missing[peer.needs]
            return
        began = time.monotonic()
        try:
            self.standing[name] = self.enter_context(Stand(peer, clients, policy))
        except (LoadError, OSError) as error:
            self.missing[name] = str(error)
        tell(f"{peer.label}: {self.missing.get(name) or f'{clients:,} clients'}", began)

    def rounds(self, count: int, take: Callable[[Stand], T]) -> dict[str, list[T]]:
        """What `take` returned, for each stand, round by round; nothing for those that broke."""
        taken: dict[str, list[T]] = {name: [] for name in self.standing}
        for i in range(count):
            for name in turned(list(self.standing), i):
                try:
                    taken[name].append(take(self.standing[name]))
                except LoadError as error:
                    self.missing[name] = str(error)
                    del self.standing[name], taken[name]
        return taken


def turned(names: list[str], by: int) -> Iterable[str]:
    """The same names, beginning one later each round."""
    at = by % len(names) if names else 0
    return names[at:] + names[:at]


def tell(what: str, began: float) -> None:
    """Progress, for whoever waits."""
    print(f"  {what} ({time.monotonic() - began:.1f} s)", file=sys.stderr, flush=True)
