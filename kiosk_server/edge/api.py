"""The HTTP twin of the wire, for programs: the same commands, answers and shapes as over Socket.IO.

Every route stands in `openapi.py`'s table; a test fails for one that does not.
"""

import gzip
import re
from typing import Annotated, Any, TypeVar

import msgspec
from flask import Blueprint, Response, current_app, request
from msgspec import Meta
from sqlalchemy import Connection
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from kiosk_server.core.bus import Entry, Reply
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.errors import Busy, NotFound
from kiosk_server.domain.staff import Identity
from kiosk_server.domain.tender import Receipt
from kiosk_server.edge import asyncapi, openapi, push, wire
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.guard_doors import ADMISSION
from kiosk_server.edge.identity import CONSOLE, MANAGEMENT, Caller
from kiosk_server.edge.registry import stream_of
from kiosk_server.promise import Promise
from kiosk_server.store import catalog_feed, queries

COMMIT_TIMEOUT_S = 10.0
GZIP_LEVEL = 5
MOST_ROWS = 1000

Q = TypeVar("Q", bound=msgspec.Struct)


class ItemsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search of the catalog by words of the name or by code."""

    q: Annotated[str, Meta(max_length=200)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    kind: ItemKind | None = None


class FeedQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far somebody has the catalog already."""

    cursor: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=1, le=catalog_feed.MAX_ITEMS)] = catalog_feed.MAX_ITEMS


class JournalQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of the journal after `since`."""

    since: Annotated[int, Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] = 100


def blueprint(door: FrontDoor) -> Blueprint:
    rooms = Blueprint("api", __name__)

    @rooms.post("/api/v1/commands")
    def give_command() -> Response:
        """One command, answered after its commit."""
        caller = calling(door)
        key, command = wire.read_order(read_body())
        return answer(wait_for(door.submit(command, caller, key, request.environ[ADMISSION]), COMMIT_TIMEOUT_S))

    @rooms.get("/api/v1/screen")
    def screen() -> Response:
        """The caller's whole screen, as the snapshot of a socket."""
        return as_json(door.screens.snapshot(door.require()))

    @rooms.get("/api/v1/items")
    def items() -> Response:
        """Items found by words of their name or by code."""
        door.require()
        query = _query(ItemsQuery)
        with door.database.read() as connection:
            found = queries.search_items(connection, query.q, query.limit, query.kind)
        return as_json({"items": list(found)})

    @rooms.get("/api/v1/catalog")
    def catalog() -> Response:
        """The groceries that are new or changed since a cursor: what a lane goes on with when the line is down."""
        door.require()
        query = _query(FeedQuery)
        with door.database.read() as connection:
            feed = catalog_feed.catalog_feed(connection, query.cursor, query.limit)
        return as_small_json(feed)

    @rooms.get("/api/v1/terminals")
    def terminals() -> Response:
        """All terminals that are not retired, with their state and presence."""
        door.require(CONSOLE, "the list of terminals")
        with door.database.read() as connection:
            tiles = queries.terminals(connection, door.leases.online())
        return as_json({"terminals": list(tiles)})

    @rooms.get("/api/v1/journal")
    def journal() -> Response:
        """Events after a number, oldest first; withheld fields are left out, so hashes are not in it.

        Who may not see on the console who comes in and out does not see it here either.
        """
        identity = door.require(CONSOLE, "the journal")
        query = _query(JournalQuery)
        with door.database.read() as connection:
            entries = _seen(connection, identity, query)
        return as_json({"events": [_journal_row(entry) for entry in entries]})

    @rooms.get("/api/v1/receipts/<number>")
    def receipt(number: str) -> Response:
        """One receipt: any for staff, its own for a terminal."""
        return as_json(find_receipt(door, door.require(), number))

    @rooms.get("/openapi.json")
    def openapi_document() -> Response:
        """This description of the HTTP interface."""
        return as_document(openapi.as_text())

    @rooms.get("/asyncapi.json")
    def asyncapi_document() -> Response:
        """The description of the Socket.IO interface."""
        return as_document(asyncapi.as_text())

    return rooms


def find_receipt(door: FrontDoor, identity: Identity, number: str) -> Receipt:
    """The receipt that `number` spells. Terminals see their own; to them, others do not exist."""
    if not re.fullmatch(r"[0-9]{1,15}", number):
        raise NotFound("A receipt's number is made of digits. Check the address.")
    with door.database.read() as connection:
        found = queries.receipt(connection, int(number))
    if found is None or (identity.role not in CONSOLE and found.terminal != identity.terminal):
        raise NotFound(f"There is no receipt {int(number)} here. Check the number.")
    return found


def as_json(value: object, status: int = 200) -> Response:
    """Plain JSON without withheld fields, never cached."""
    body = msgspec.json.encode(wire.plain(value))
    return current_app.response_class(body, status, {"Cache-Control": "no-store"}, content_type="application/json")


def as_small_json(value: object) -> Response:
    """As `as_json`, and compressed for whoever takes that."""
    response = as_json(value)
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data(), GZIP_LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def as_document(text: str) -> Response:
    """A JSON document as it is: what is withheld elsewhere is described here."""
    return current_app.response_class(text, content_type="application/json")


def calling(door: FrontDoor) -> Caller:
    door.require()
    caller = door.caller()
    assert caller is not None  # noqa: S101 - require() has just seen to it
    return caller


def read_body() -> Any:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if (request.content_length or 0) > wire.MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return wire.read_json(request.get_data(cache=False))


def _query(kind: type[Q]) -> Q:
    return wire.convert_texts(request.args.to_dict(), kind)


def wait_for(future: Promise[Reply], timeout_s: float) -> Reply:
    try:
        return future.result(timeout=timeout_s)
    except TimeoutError as error:
        raise Busy(
            f"No answer within {timeout_s:.0f} s; whether it was done is not known yet. "
            "Send it again with the same key: it is done once at most.",
            retry_after_s=1,
        ) from error


def answer(reply: Reply) -> Response:
    response = as_json(wire.reply_as_wire(reply), wire.reply_status(reply))
    if not reply.ok:
        response.headers.update(wire.failure_of(reply).headers())
    return response


def _seen(connection: Connection, identity: Identity, query: JournalQuery) -> list[Entry]:
    """The next events that are for this identity; none only when there is no more, or a reader would stop short."""
    if identity.role in MANAGEMENT:
        return queries.events_since(connection, query.since, query.limit)
    since, stream = query.since, stream_of(identity)
    while entries := queries.events_since(connection, since, MOST_ROWS):
        seen = [entry for entry in entries if push.audience_in(entry.event, stream, identity.role)]
        if seen:
            return seen[: query.limit]
        since = entries[-1].seq
    return []


def _journal_row(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "type": entry.type,
        "key": entry.key,
        "by": entry.by,
        "terminal": entry.terminal,
        "data": wire.event_data(entry.event),
    }
