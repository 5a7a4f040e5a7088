"""What the command line asks of a running server: import a staged catalog, issue a sign-in code.

Only for Role.LOCAL, whose token changes with every start, lies in a file that its owner alone can read, and counts
only from this machine.
"""

from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta

from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands import Id, ImportItems, Note
from kiosk_server.domain.errors import BadRequest, Forbidden, NotFound
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge import wire
from kiosk_server.edge.api import answer, as_json, calling, read_body, wait_for
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CODE_LIFE_S, Caller

IMPORT_TIMEOUT_S = 120.0
MAX_BATCH_BYTES = 256 * 1024 * 1024
STAGED = "staged"

MANAGER_BY_CODE = Identity(name="manager", role=Role.MANAGER)
"""Whom a one-time code signs in, until people have names and passwords of their own."""


class ImportOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A staged batch to import: a file of items (a JSON array) in the data directory's staged/."""

    key: Id
    batch: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$(?!\n)")]
    source: Note = ""


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("administration", __name__)

    @room.post("/api/v1/catalog/import")
    def import_catalog() -> Response:
        """Import a staged batch of items. Only for the administrator on this machine."""
        caller = _local(door, "import a catalog")
        order = wire.convert(read_body(), ImportOrder)
        path = door.settings.data_dir / STAGED / order.batch
        try:
            if path.stat().st_size > MAX_BATCH_BYTES:
                raise BadRequest(f"The batch {order.batch} is larger than {MAX_BATCH_BYTES} bytes.")
            batch = msgspec.json.decode(path.read_bytes(), type=tuple[Item, ...])
        except FileNotFoundError as error:
            raise NotFound(f"There is no staged batch {order.batch}. Stage the file again.") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadRequest(f"The batch {order.batch} is not a list of items: {error}") from error
        command = ImportItems(items=batch, source=order.source)
        reply = wait_for(door.submit(command, caller, order.key), IMPORT_TIMEOUT_S)
        if reply.ok:
            path.unlink(missing_ok=True)
        return answer(reply)

    @room.post("/api/v1/staff/codes")
    def issue_code() -> Response:
        """A one-time sign-in code for the manager. Only for the administrator on this machine."""
        _local(door, "issue sign-in codes")
        code = door.identities.codes.issue(MANAGER_BY_CODE)
        return as_json({"ok": True, "seq": door.bus.head_seq, "result": {"code": code, "expires_s": CODE_LIFE_S}})

    return room


def _local(door: FrontDoor, what: str) -> Caller:
    caller = calling(door)
    if caller.identity.role is not Role.LOCAL:
        raise Forbidden(f"Only the administrator on the server itself may {what}. Nothing was done.")
    return caller
