"""Printers, for the console: how each one does, and of the virtual ones the roll and the troubles that they may have.

Orders to print are commands; only what ails a machine of ours, which is no matter of the store, is set here.
"""

from typing import Final

import msgspec
from flask import Blueprint, Response, current_app

from kiosk_server.domain.errors import NotFound
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json, read_body
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CONSOLE, MANAGEMENT
from kiosk_server.hardware.printer import Way
from kiosk_server.hardware.printers import PrintRoom
from kiosk_server.hardware.virtual_printer import Trouble, VirtualPrinter

SVG: Final = "image/svg+xml; charset=utf-8"


class TroubleWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a virtual printer shall suffer from; null: nothing any more."""

    trouble: Trouble | None


def blueprint(door: FrontDoor, room: PrintRoom) -> Blueprint:
    rooms = Blueprint("printers", __name__)

    @rooms.get("/api/v1/printers")
    def printers() -> Response:
        """Every printer of the settings: how much waits there, and what its last job met."""
        door.require(CONSOLE, "the printers")
        return as_json({"printers": [_row(room, msgspec.structs.asdict(state)) for state in room.states()]})

    @rooms.get("/api/v1/printers/<name>/roll")
    def roll(name: str) -> Response:
        """What a virtual printer has printed, as one picture, the newest on top."""
        door.require(CONSOLE, "the printers")
        picture = _virtual(room, name).roll()
        return current_app.response_class(picture, headers={"Cache-Control": "no-store"}, content_type=SVG)

    @rooms.post("/api/v1/printers/<name>/trouble")
    def trouble(name: str) -> Response:
        """Let a virtual printer run out of paper, hang, or be well again."""
        door.require(MANAGEMENT, "the troubles of printers")
        wish = wire.convert(read_body(), TroubleWish)
        virtual = _virtual(room, name)
        if wish.trouble is None:
            virtual.recovers()
        else:
            virtual.suffers(wish.trouble)
        return as_json({"ok": True, "trouble": wish.trouble})

    return rooms


def _row(room: PrintRoom, state: dict[str, object]) -> dict[str, object]:
    virtual = room.stations[str(state["name"])].virtual
    papers = virtual.papers_printed if virtual else None
    return {**state, "set_trouble": virtual.trouble if virtual else None, "papers": papers}


def _virtual(room: PrintRoom, name: str) -> VirtualPrinter:
    station = room.stations.get(name)
    if station is None or station.virtual is None:
        known = ", ".join(name for name, one in sorted(room.stations.items()) if one.address.way is Way.VIRTUAL)
        raise NotFound(f"There is no virtual printer {name} here. The settings name: {known or 'none'}.")
    return station.virtual
