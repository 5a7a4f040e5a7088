"""What a screen is told when it connects or has missed too much: reads only, true at one journal number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from kiosk_server.core.clock import Clock
from kiosk_server.domain import opening
from kiosk_server.domain.errors import Forbidden
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.scale import LaneScales, no_scales
from kiosk_server.domain.screens import DisplayScreen, LaneScreen, ManagerScreen, Pairing
from kiosk_server.domain.staff import Identity
from kiosk_server.edge import push, wire
from kiosk_server.edge.identity import MANAGEMENT, screen_of
from kiosk_server.edge.registry import stream_of
from kiosk_server.store import queries
from kiosk_server.store.db import Database
from kiosk_server.store.lights import lane_lights

MAX_REPLAY = 500
"""Journal rows a resync reads; a client further behind gets a snapshot, which is cheaper for both."""


@dataclass(frozen=True, slots=True)
class Screens:
    """`online` gives the terminals that hold a live socket; `build` the number of the pages we serve now; `pairings`
    the browsers that ask to become terminals; `seen` when each terminal was connected last; `scales` what those of a
    lane say.
    """

    database: Database
    policy: Policy
    clock: Clock
    online: Callable[[], frozenset[str]]
    build: Callable[[], str]
    pairings: Callable[[], tuple[Pairing, ...]] = tuple
    seen: Callable[[], Mapping[str, int]] = dict
    scales: Callable[[str], LaneScales] = no_scales

    def snapshot(self, identity: Identity) -> wire.Snapshot:
        screen = screen_of(identity)
        if screen is None:
            raise Forbidden(f"{identity.name} has no screen of its own.")
        with self.database.read() as connection:
            seq, state = queries.screen_of(
                connection, screen, identity.terminal or identity.name, self.policy, self.online()
            )
        if isinstance(state, ManagerScreen):
            seen = self.seen()
            state = msgspec.structs.replace(
                state,
                terminals=tuple(msgspec.structs.replace(tile, seen_at=seen.get(tile.name)) for tile in state.terminals),
                who=identity.name,
                role=identity.role.value,
                can_simulate=self.policy.is_demo,
                pairings=self.pairings() if identity.role in MANAGEMENT else (),
            )
        if isinstance(state, LaneScreen):
            hours = opening.open_spans(self.policy.lane.hours, self.clock.now_ms(), self.policy.zone)
            state = msgspec.structs.replace(state, hours=hours, scales=self.scales(state.terminal.name))
        if isinstance(state, DisplayScreen):
            with self.database.read() as connection:
                lights = lane_lights(connection, self.policy, self.clock.now_ms())
            state = msgspec.structs.replace(state, lights=lights)
        return wire.Snapshot(
            seq=seq, screen=screen, state=wire.plain(state), now=self.clock.now_ms(), build=self.build()
        )

    def since(self, identity: Identity, seq: int) -> dict[str, object]:
        """The answer to `resync`: `{events, seq}` up to now, or `{snapshot}` when too much is missing."""
        with self.database.read() as connection:
            head = queries.head_seq(connection)
            # Ahead of us is who saw what a restored backup does not hold.
            is_near = head - MAX_REPLAY <= seq <= head
            entries = queries.events_since(connection, seq, MAX_REPLAY) if is_near else []
        if not is_near:
            return {"snapshot": wire.plain(self.snapshot(identity))}
        missed = push.replay(entries, stream_of(identity), identity.role, seq)
        return {"events": [msgspec.structs.asdict(event) for event in missed], "seq": head}
