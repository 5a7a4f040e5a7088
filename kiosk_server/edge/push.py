"""Event -> audience -> browsers: the only place that emits.

`AUDIENCES` says who hears of what; a test fails for an event without a row. Each stream is a filtered view of the
journal, so every pushed event carries `prev`, the seq of the event before it in that stream: a client whose last seq is
older than `prev` has a gap and resyncs.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec

from kiosk_server.domain import events as e
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.light import Light
from kiosk_server.domain.scale import LaneScales
from kiosk_server.domain.screens import Pairing
from kiosk_server.domain.staff import Role
from kiosk_server.edge import wire
from kiosk_server.edge.identity import MANAGEMENT
from kiosk_server.edge.registry import CONSOLES, DISPLAY, KITCHEN, MANAGER, Registry

log = logging.getLogger("kiosk.edge")


class Audience(Enum):
    """Whom a kind of event is for."""

    ABOUT = auto()  # the terminal it is about
    KITCHEN = auto()
    MANAGER = auto()  # every console
    MANAGEMENT = auto()  # the consoles of those who decide who comes in
    STALLS = auto()  # every stall: the menu changed
    PUMPS = auto()  # every pump: a grade or price changed


_BASKET: Final = (Audience.ABOUT, Audience.MANAGER)
_TICKET: Final = (Audience.ABOUT, Audience.KITCHEN, Audience.MANAGER)

AUDIENCES: Final[Mapping[type[e.Event], tuple[Audience, ...]]] = MappingProxyType(
    {
        e.TerminalAdded: (Audience.MANAGER,),
        e.TerminalRetired: (Audience.MANAGER,),
        e.TerminalMoved: _BASKET,
        e.TrainingSwitched: _BASKET,
        e.BasketOpened: _BASKET,
        e.ItemScanned: _BASKET,
        e.QuantityChanged: _BASKET,
        e.LineVoided: _BASKET,
        e.PromotionsApplied: _BASKET,
        e.CouponTaken: _BASKET,
        e.CouponReturned: _BASKET,
        e.HandOffOffered: _BASKET,
        e.PromotionsImported: (Audience.MANAGER,),
        e.TenderStarted: _BASKET,
        e.TenderLeft: _BASKET,
        e.BasketPaid: _BASKET,
        e.PaymentMoved: _BASKET,
        e.RefundStarted: (Audience.MANAGER,),
        e.GiftCardMoved: (Audience.MANAGER,),
        e.BasketVoided: _BASKET,
        e.BasketSuspended: _BASKET,
        e.PrintAsked: _BASKET,
        e.ReceiptPrinted: _BASKET,
        e.PrintFailed: _BASKET,
        e.PrintSettled: _BASKET,
        e.BasketResumed: _BASKET,
        e.InterventionRaised: _BASKET,
        e.InterventionClaimed: _BASKET,
        e.InterventionRevised: _BASKET,
        e.InterventionResolved: _BASKET,
        e.PriceOverridden: _BASKET,
        e.BaggingTared: _BASKET,
        e.BaggingSkipped: _BASKET,
        e.WeightLearned: (Audience.MANAGER,),
        e.OrderPlaced: _BASKET,
        e.OrderReleased: _BASKET,
        e.TicketFired: _TICKET,
        e.TicketMoved: _TICKET,
        e.PumpMoved: _BASKET,
        e.NozzleHung: _BASKET,
        e.FuellingFinished: _BASKET,
        e.ItemsImported: (Audience.STALLS, Audience.PUMPS, Audience.MANAGER),
        e.SimulationSwitched: (Audience.MANAGER,),
        e.DayOpened: (Audience.MANAGER,),
        e.TerminalPaired: (Audience.MANAGER,),
        e.PairingDenied: (Audience.MANAGEMENT,),
        e.StaffAdded: (Audience.MANAGEMENT,),
        e.SecretChanged: (Audience.MANAGEMENT,),
        e.RoleChanged: (Audience.MANAGEMENT,),
        e.StaffRetired: (Audience.MANAGEMENT,),
        e.SignedIn: (Audience.MANAGEMENT,),
        e.SignedOut: (Audience.MANAGEMENT,),
        e.SecretRefused: (Audience.MANAGEMENT,),
        e.LockLifted: (Audience.MANAGEMENT,),
        e.AccessRefused: (Audience.MANAGEMENT,),
        e.TimesKept: (Audience.MANAGEMENT,),
        e.NetworkOrdered: (Audience.MANAGEMENT,),
        e.NetworkLifted: (Audience.MANAGEMENT,),
    }
)

_FOLLOWED: Final[Mapping[Audience, tuple[str, ...]]] = MappingProxyType(
    {Audience.KITCHEN: (KITCHEN,), Audience.MANAGER: CONSOLES, Audience.MANAGEMENT: (MANAGER,)}
)

# What of a catalog each audience keeps on its screen. Ten thousand groceries are searched on the server instead.
_KEPT_ITEMS: Final = MappingProxyType(
    {
        Audience.STALLS: frozenset({ItemKind.MENU}),
        Audience.PUMPS: frozenset({ItemKind.FUEL}),
        Audience.MANAGER: frozenset({ItemKind.MENU, ItemKind.FUEL}),
    }
)


class Entry(Protocol):
    """A row of the journal, as core publishes it."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def event(self) -> e.Event: ...


class Emitter(Protocol):
    """What push needs of the transport's SocketIO."""

    def emit(self, event: str, *args: Any, to: str) -> None: ...
    def emit_encoded(self, event: str, text: bytes, *, to: str) -> None: ...
    def emit_latest(self, event: str, data: Any, *, to: str, topic: str) -> None: ...


def cut(event: e.Event, audience: Audience) -> e.Event | None:
    """The event as this audience may see it, or None when nothing in it is theirs."""
    if isinstance(event, e.ItemsImported):
        items = tuple(item for item in event.items if item.kind in _KEPT_ITEMS[audience])
        # The console also counts imports of which it keeps no item.
        return msgspec.structs.replace(event, items=items) if items or audience is Audience.MANAGER else None
    return event


def audience_in(event: e.Event, stream: str, role: Role) -> Audience | None:
    """Through which audience the follower of `stream` hears of `event`, or None."""
    for audience in AUDIENCES[type(event)]:
        if audience is Audience.ABOUT and stream == f"terminal:{event.terminal}":
            return audience
        if stream in _FOLLOWED.get(audience, ()):
            return audience
        if (audience is Audience.STALLS and role is Role.STALL) or (audience is Audience.PUMPS and role is Role.PUMP):
            return audience
    return None


def replay(entries: Iterable[Entry], stream: str, role: Role, since: int) -> list[wire.Pushed]:
    """What a follower of `stream` missed after `since`, chained by `prev` from there."""
    missed, prev = [], since
    for entry in entries:
        audience = audience_in(entry.event, stream, role)
        seen = cut(entry.event, audience) if audience else None
        if seen is not None:
            missed.append(_pushed(entry, seen, prev))
            prev = entry.seq
    return missed


def _pushed(entry: Entry, event: e.Event, prev: int) -> wire.Pushed:
    return wire.Pushed(seq=entry.seq, at=entry.at, type=wire.tag_of(event), data=wire.event_data(event), prev=prev)


class Push:
    """Sends events, live values and notices. `start_seq` is the journal's head when the server started."""

    def __init__(self, emitter: Emitter, registry: Registry, start_seq: int) -> None:
        self._emitter = emitter
        self._registry = registry
        self._start_seq = start_seq
        self._heads: dict[str, int] = {}

    def publish(self, entries: Sequence[Entry]) -> None:
        """Push committed events, in journal order. Called by one thread: the bus's publisher."""
        for entry in entries:
            try:
                self._publish(entry)
            except Exception:
                log.exception("an event could not be pushed; every screen will resync", extra={"seq": entry.seq})
                # The next event of every stream then names this one as the one before it: a gap that clients see.
                self._heads.clear()
                self._start_seq = entry.seq

    def live(self, topic: str, data: object, streams: Iterable[str]) -> None:
        """A volatile value: the latest wins, nothing queues, nothing is numbered."""
        message = {"topic": topic, "data": data}
        for stream in streams:
            if self._registry.has_followers(stream):
                self._emitter.emit_latest("live", message, to=stream, topic=topic)

    def fuel(self, terminal: str, data: Mapping[str, int]) -> None:
        """Litres and money while they flow."""
        self.live(f"fuel:{terminal}", dict(data), (f"terminal:{terminal}", *CONSOLES))

    def presence(self, terminal: str, data: dict[str, object]) -> None:
        self.live(f"presence:{terminal}", data, CONSOLES)

    def scales(self, terminal: str, scales: LaneScales) -> None:
        """What the plates of a lane say."""
        self.live(f"scale:{terminal}", wire.plain(scales), (f"terminal:{terminal}", *CONSOLES))

    def lights(self, lights: Mapping[str, Light]) -> None:
        """The lights over all lanes, for whoever looks for a free one."""
        self.live("lights", {"lights": dict(lights)}, (DISPLAY,))

    def pairings(self, waiting: tuple[Pairing, ...]) -> None:
        """Who asks to become a terminal, all of them: for those who may confirm one, not for all who see the floor."""
        message = {"topic": "pairings", "data": {"pairings": wire.plain(waiting)}}
        for socket in self._registry.all():
            if socket.caller.identity.role in MANAGEMENT:
                self._emitter.emit_latest("live", message, to=socket.sid, topic="pairings")

    def snapshot(self, sid: str, snapshot: wire.Snapshot) -> None:
        self._emitter.emit("snapshot", wire.plain(snapshot), to=sid)

    def notice(self, to: str, kind: str, message: str, **more: object) -> None:
        """Tell one socket or stream something about the connection itself: `reload`, `closing` or `message`."""
        self._emitter.emit("notice", {"kind": kind, "message": message, **more}, to=to)

    def _publish(self, entry: Entry) -> None:
        texts: dict[int, msgspec.Raw] = {}  # by the cut that it is the text of: most audiences see the same
        for audience in AUDIENCES[type(entry.event)]:
            seen = cut(entry.event, audience)
            if seen is not None:
                for stream in self._streams(audience, entry.event):
                    self._push(stream, entry, seen, texts)

    def _streams(self, audience: Audience, event: e.Event) -> list[str]:
        known = _FOLLOWED.get(audience)
        return list(known) if known else _STREAMS[audience](self._registry, event)

    def _push(self, stream: str, entry: Entry, event: e.Event, texts: dict[int, msgspec.Raw]) -> None:
        prev = self._heads.get(stream, self._start_seq)
        self._heads[stream] = entry.seq
        # Whoever connects after this look reads a snapshot that is newer than this event.
        if self._registry.has_followers(stream):
            data = texts.get(id(event)) or texts.setdefault(id(event), wire.event_text(event))
            text = wire.pushed_text(entry.seq, entry.at, wire.tag_of(event), data, prev)
            self._emitter.emit_encoded("event", text, to=stream)


_STREAMS: Final[Mapping[Audience, Callable[[Registry, e.Event], list[str]]]] = MappingProxyType(
    {
        Audience.ABOUT: lambda _, event: [f"terminal:{event.terminal}"] if event.terminal else [],
        Audience.STALLS: lambda registry, _: registry.streams_of(Role.STALL),
        Audience.PUMPS: lambda registry, _: registry.streams_of(Role.PUMP),
    }
)
