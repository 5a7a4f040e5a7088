"""Virtual card readers, for whoever plays their customers: what becomes of the next payment at a lane.

Payments themselves are commands; only what a machine of ours does next, which is no matter of the store, is set here.
"""

import msgspec
from flask import Blueprint, Response

from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.terminal import Kind
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json, read_body
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CONSOLE, MANAGEMENT
from kiosk_server.hardware.card_readers import Readers
from kiosk_server.hardware.virtual_reader import Behaviour, VirtualReader
from kiosk_server.store import queries


class NextWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a virtual reader does with its next payment or refund; null: its amount decides."""

    next: Behaviour | None


def blueprint(door: FrontDoor, readers: Readers) -> Blueprint:
    rooms = Blueprint("cards", __name__)

    @rooms.get("/api/v1/virtual-readers")
    def virtual_readers() -> Response:
        """The lanes with a virtual card reader, and what was chosen for the next payment there."""
        door.require(CONSOLE, "the card readers")
        return as_json({"readers": [_row(one) for one in _standing(door, readers).values()]})

    @rooms.post("/api/v1/virtual-readers/<lane>")
    def choose(lane: str) -> Response:
        """Let the next payment at a lane be approved, declined, lost or late."""
        door.require(MANAGEMENT, "what becomes of payments")
        wish = wire.convert(read_body(), NextWish)
        standing = _standing(door, readers)
        if lane not in standing:
            raise NotFound(
                f"There is no virtual card reader at {lane}. Nothing was changed. "
                f"They stand at: {', '.join(standing) or 'no lane'}."
            )
        standing[lane].choose(wish.next)
        return as_json(_row(standing[lane]))

    return rooms


def _row(reader: VirtualReader) -> dict[str, str | None]:
    return {"lane": reader.lane, "next": reader.chosen}


def _standing(door: FrontDoor, readers: Readers) -> dict[str, VirtualReader]:
    """Those at lanes that there are."""
    with door.database.read() as connection:
        lanes = [tile.name for tile in queries.terminals(connection) if tile.kind == Kind.LANE]
    return {lane: reader for lane in lanes if (reader := readers.virtual(lane)) is not None}
