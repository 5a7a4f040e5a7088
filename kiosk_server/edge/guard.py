"""May this peer speak at all? One decision, asked at four doors (guard_doors.py), answered from memory.

    settings + this machine's interfaces + standing orders  ->  Generation  ->  Allow | Drop

The guard holds the generation in force and replaces it when one of the three changes. A hit costs under 2 microseconds.
"""

import logging
import threading
import time
from collections.abc import Callable
from math import inf
from typing import Final

from kiosk_server.edge.guard_drops import Door, Drops
from kiosk_server.edge.guard_interfaces import Machine, MachineWatch, read_machine
from kiosk_server.edge.guard_rules import Allow, Drop, Effective, Generation, Orders, Reason, Treatment, Verdict
from kiosk_server.edge.guard_settings import GuardError, GuardSettings, Mode
from kiosk_server.edge.network import (
    LINK_LOCAL,
    LOOPBACK,
    RFC1918,
    ULA,
    Network,
    is_within,
    overlaps,
    parse_address,
    parse_network,
)

__all__ = ["Allow", "Door", "Drop", "Guard", "GuardError", "GuardSettings", "Mode", "Reason", "Verdict"]

log = logging.getLogger(__name__)

LONGEST_ALLOW_S: Final = 24 * 3600.0
_MOST_ORDERS: Final = 1024


class Guard:
    """Decides who may speak. Safe from any thread.

    `now_ms` is wall time, for showing; expiry runs on `monotonic_s`, so that a clock that jumps opens nothing.
    """

    def __init__(
        self,
        settings: GuardSettings,
        *,
        read: Callable[[], Machine] = read_machine,
        monotonic_s: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        settings.check()
        for warning in settings.warnings():
            log.warning(warning)
        self._monotonic_s = monotonic_s
        self._change = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self.drops = Drops(now_ms)
        self._generation = Generation(1, settings, Machine(), Orders())
        self._until_s = inf
        self._watch = MachineWatch(self._take_machine, read=read)
        self._watch.refresh()

    # -- the decision --

    @property
    def generation(self) -> Generation:
        """The rules in force."""
        if self._until_s <= self._monotonic_s():
            self._replace()
        return self._generation

    def decide(self, peer: str | None) -> Verdict:
        """May this TCP peer speak? Changes and counts nothing."""
        return self.generation.peer(peer)

    def admit(self, peer: str | None, door: Door) -> Allow | None:
        """The decision as asked at a door: a refusal is counted."""
        verdict = self.decide(peer)
        if isinstance(verdict, Allow):
            return verdict
        self.drops.count(peer, verdict.reason, door)
        return None

    def accept_gate(self, peer: object) -> bool:
        """Door 1, asked by the transport for every accepted connection before a byte is read.

        `peer` is the address, or the tuple that `socket.accept` gives.
        """
        if isinstance(peer, tuple):
            peer = peer[0] if peer else None
        return self.admit(peer if isinstance(peer, str) else None, Door.ACCEPT) is not None

    def may_speak(self, client: str | None) -> bool:
        """May a client who was let in before, directly or through a proxy, still speak? For sweeping open sockets."""
        return self.permits(client, None)

    def permits(self, client: str | None, zone: str | None) -> bool:
        """Does the client's network open this screen or role? True for a zone that no setting narrows."""
        generation = self.generation
        verdicts = [generation.peer(client), *([generation.client(client)] if client else [])]
        return any(isinstance(verdict, Allow) and verdict.permits(zone) for verdict in verdicts)

    def is_own_machine(self, client: str | None) -> bool:
        """Is the client this very machine: loopback, or one of its own addresses?"""
        address = parse_address(client)
        return address is not None and self.generation.machine.has_address(address)

    # -- life --

    def start(self) -> None:
        """Follow this machine's interfaces from now on."""
        self._watch.start()

    def stop(self) -> None:
        """End the thread that follows them."""
        self._watch.stop()

    def nudge(self) -> None:
        """Read the interfaces soon; for SIGHUP. Returns at once."""
        self._watch.nudge()

    def refresh(self) -> None:
        """Read the interfaces now."""
        self._watch.refresh()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener()` after every change of the rules, so that open sockets can be asked again.

        It runs in whichever thread met the change, so it must be quick.
        """
        self._listeners.append(listener)

    def change_settings(self, settings: GuardSettings) -> None:
        """Put other settings in force; standing orders stay. Raises GuardError."""
        settings.check()
        self._replace(settings=settings)

    # -- standing orders: one tap on the console --

    def allow_for(self, network: str, duration_s: float, why: str) -> Effective:
        """Let a network in for a while, at most a day; deny and quarantine still win.

        Raises GuardError for what is no private network: one tap must not open the store to the internet.
        """
        wanted = _network(network)
        if not is_within(wanted, (*RFC1918, *ULA, *LINK_LOCAL)):
            raise GuardError(f"{wanted} is no private network. It can only be let in by network.allow in the settings.")
        if not 0 < duration_s <= LONGEST_ALLOW_S:
            raise GuardError("A temporary allow lasts more than nothing and at most 24 hours.")
        return self._order(Effective(wanted, Treatment.ALLOW, why, self._monotonic_s() + duration_s))

    def quarantine(self, network: str, why: str, duration_s: float = inf) -> Effective:
        """Turn a network away at once, open sockets included, whatever allows it. Raises GuardError for loopback."""
        wanted = _network(network)
        if overlaps(wanted, LOOPBACK):
            raise GuardError(f"{wanted} contains this machine itself, which is always let in to be administered.")
        if not duration_s > 0:
            raise GuardError("A quarantine lasts more than nothing.")
        return self._order(Effective(wanted, Treatment.QUARANTINE, why, self._monotonic_s() + duration_s))

    def lift(self, network: str) -> bool:
        """Take the standing orders for exactly this network back; whether there were any."""
        wanted = _network(network)
        return self._replace(orders=lambda orders: tuple(order for order in orders if order.network != wanted))

    def standing(self) -> tuple[Effective, ...]:
        """The orders in force; `remaining_s` says how long each of them lasts."""
        return self.generation.orders.standing

    def remaining_s(self, order: Effective) -> float:
        """Seconds until an order ends; inf when it has no end."""
        return max(0.0, order.until_s - self._monotonic_s())

    def _order(self, order: Effective) -> Effective:
        def with_order(orders: tuple[Effective, ...]) -> tuple[Effective, ...]:
            others = tuple(old for old in orders if old.network != order.network)
            if len(others) >= _MOST_ORDERS:
                raise GuardError(f"There are {_MOST_ORDERS} standing orders already. Take some back first.")
            return (*others, order)

        self._replace(orders=with_order)
        return order

    # -- generations --

    def _take_machine(self, machine: Machine) -> None:
        self._replace(machine=machine)

    def _replace(
        self,
        *,
        settings: GuardSettings | None = None,
        machine: Machine | None = None,
        orders: Callable[[tuple[Effective, ...]], tuple[Effective, ...]] = lambda orders: orders,
    ) -> bool:
        with self._change:
            old = self._generation
            standing = Orders(orders(old.orders.standing)).at(self._monotonic_s())
            new = Generation(old.number + 1, settings or old.settings, machine or old.machine, standing)
            if (new.settings, new.machine, new.orders) == (old.settings, old.machine, old.orders):
                return False
            self._generation = new
            self._until_s = standing.until_s
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:  # an order may have ended in the middle of somebody's decision, which must not fail
                log.exception("A change of the guard's rules could not be passed on")
        return True


def _network(text: str) -> Network:
    try:
        return parse_network(text)
    except ValueError as error:
        raise GuardError(str(error)) from None
