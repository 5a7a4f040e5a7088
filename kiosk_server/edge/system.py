"""How the store is, and how it was: `/api/v1/system` and the time machine at `/api/v1/past`. Reads only."""

import threading
from typing import Annotated, Final, Literal

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta
from sqlalchemy import Connection

from kiosk_server import __version__
from kiosk_server.domain.errors import Busy, NotFound
from kiosk_server.domain.sentence import as_wire
from kiosk_server.domain.staff import Role
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CONSOLE
from kiosk_server.store import queries
from kiosk_server.store.condition import condition_of
from kiosk_server.store.past import TooFar, floor_as_of

MAY_LOOK_BACK: Final = frozenset({Role.MANAGER, Role.OWNER, Role.LOCAL})
PATIENCE_S: Final = 5.0


class PastQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moment, in ms since 1970 UTC, and whose screen; there is only the console's."""

    at: Annotated[int, Meta(ge=0, le=2**53)]
    screen: Literal["manager"] = "manager"


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("system", __name__)
    # A replay takes a tenth of a second of the processor: one at a time, so that a dragged slider slows nobody's sale.
    looking = threading.Lock()

    @room.get("/api/v1/system")
    def system() -> Response:
        """The store's size, disk, backups and last restore drill; whether it can be written."""
        door.require(CONSOLE, "the state of the system")
        condition = msgspec.structs.asdict(condition_of(door.database))
        trouble = door.bus.trouble
        said = {"trouble": str(trouble) if trouble else None, "trouble_said": as_wire(trouble)}
        more = {**said, "now": door.clock.now_ms(), "version": __version__}
        return as_json({**condition, **more})

    @room.get("/api/v1/past")
    def past() -> Response:
        """The floor as it stood at a past moment, rebuilt from the journal. Who was connected then is not known."""
        identity = door.require(MAY_LOOK_BACK, "the past")
        query = wire.convert_texts(request.args.to_dict(), PastQuery)
        if not looking.acquire(timeout=PATIENCE_S):
            raise Busy("Others are looking into the past just now. Ask again in a moment.", retry_after_s=1)
        try:
            return as_json(_floor(door, query, identity.name))
        finally:
            looking.release()

    return room


def _floor(door: FrontDoor, query: PastQuery, who: str) -> dict[str, object]:
    with door.database.read() as connection:
        span = queries.journal_span(connection)
        seq = queries.seq_at(connection, query.at)
    if seq == 0:
        raise NotFound("The store has no past as old as that. Choose a later moment.", first_at=span.first_at)
    try:
        with floor_as_of(door.database.path, seq, door.database.moments) as then:
            return _described(then, door, seq, query, who) | {"first_at": span.first_at, "last_at": span.last_at}
    except TooFar as far:
        raise NotFound(
            f"That moment cannot be shown quickly: {far}. Run `kiosk-server journal moments` once on the server, "
            "then ask again."
        ) from far


def _described(then: Connection, door: FrontDoor, seq: int, query: PastQuery, who: str) -> dict[str, object]:
    _, state = queries.screen_of(then, query.screen, who, door.settings.policy)
    entry = queries.events_since(then, seq - 1, 1)[0]
    return {"seq": seq, "at": query.at, "row_at": entry.at, "screen": query.screen, "state": wire.plain(state)}
