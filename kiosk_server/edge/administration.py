"""What the command line asks of a running server: import a staged catalog or promotions, issue a sign-in code.

Only for Role.LOCAL, whose token changes with every start, lies in a file that its owner alone can read, and counts
only from this machine.
"""

from typing import Annotated, TypeVar

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands import Id, ImportItems, ImportPromotions, Name, Note
from kiosk_server.domain.errors import BadRequest, Forbidden, NotFound
from kiosk_server.domain.promotion import Promotion
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge import wire
from kiosk_server.edge.api import answer, as_json, calling, read_body, wait_for
from kiosk_server.edge.codes import CODE_LIFE_S, Purpose
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.guard_doors import ADMISSION
from kiosk_server.edge.identity import Caller
from kiosk_server.hints import as_typed
from kiosk_server.store import people

IMPORT_TIMEOUT_S = 120.0
MAX_BATCH_BYTES = 256 * 1024 * 1024
STAGED = "staged"

S = TypeVar("S", bound=msgspec.Struct)

MANAGER_BY_CODE = Identity(name="manager", role=Role.MANAGER)
"""Whom a one-time code signs in at a demo store, where nobody has a name of their own."""


class ImportOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A staged batch to import: a file of items (a JSON array) in the data directory's staged/."""

    key: Id
    batch: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$(?!\n)")]
    source: Note = ""


class PromotionsOrder(ImportOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for promotions. With `is_all` those that are not in the batch end."""

    is_all: bool = False


class CodeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a one-time code is for. With `is_reset` they choose a new PIN or password with it."""

    person: Name | None = None
    is_reset: bool = False


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("administration", __name__)

    @room.post("/api/v1/catalog/import")
    def import_catalog() -> Response:
        """Import a staged batch of items. Only for the administrator on this machine."""
        caller = _local(door, "import a catalog")
        order = wire.convert(read_body(), ImportOrder)
        items = _staged(door, order, Item)
        return _import(door, caller, order, ImportItems(items=items, source=order.source))

    @room.post("/api/v1/promotions/import")
    def import_promotions() -> Response:
        """Put a staged batch of promotions in force. Only for the administrator on this machine."""
        caller = _local(door, "import promotions")
        order = wire.convert(read_body(), PromotionsOrder)
        found = _staged(door, order, Promotion)
        command = ImportPromotions(promotions=found, source=order.source, is_all=order.is_all)
        return _import(door, caller, order, command)

    @room.post("/api/v1/staff/codes")
    def issue_code() -> Response:
        """A one-time code: to become the first owner, to sign in, to choose a new secret. Only on this machine."""
        _local(door, "issue sign-in codes")
        wish = wire.convert(read_body(), CodeWish)
        identity, purpose = _grant(door, wish)
        result = {
            "code": door.identities.codes.issue(identity, purpose),
            "expires_s": CODE_LIFE_S,
            "purpose": purpose.name.lower(),
            "person": identity.name,
        }
        return as_json({"ok": True, "seq": door.bus.head_seq, "result": result})

    return room


def _staged(door: FrontDoor, order: ImportOrder, kind: type[S]) -> tuple[S, ...]:
    path = door.settings.data_dir / STAGED / order.batch
    try:
        if path.stat().st_size > MAX_BATCH_BYTES:
            raise BadRequest(f"The batch {order.batch} is larger than {MAX_BATCH_BYTES} bytes.")
        return tuple(msgspec.json.decode(path.read_bytes(), type=list[kind]))  # type: ignore[valid-type]
    except FileNotFoundError as error:
        raise NotFound(f"There is no staged batch {order.batch}. Stage the file again.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"The batch {order.batch} is not a list of {kind.__name__.lower()}s: {error}") from error


def _import(door: FrontDoor, caller: Caller, order: ImportOrder, command: ImportItems | ImportPromotions) -> Response:
    reply = wait_for(door.submit(command, caller, order.key, request.environ[ADMISSION]), IMPORT_TIMEOUT_S)
    if reply.ok:
        (door.settings.data_dir / STAGED / order.batch).unlink(missing_ok=True)
    return answer(reply)


def _grant(door: FrontDoor, wish: CodeWish) -> tuple[Identity, Purpose]:
    """Whom a code is for: the person named; nobody in particular is the demo's manager or the first owner to be."""
    if wish.person is None:
        if door.settings.policy.is_demo:
            return MANAGER_BY_CODE, Purpose.SIGN_IN
        if not door.porter.has_owner:
            return MANAGER_BY_CODE, Purpose.WELCOME
        raise BadRequest(
            "This store has an owner, so a code is for somebody. Nothing was done. Name them: "
            + as_typed("staff", "code", "NAME", data_dir=door.settings.data_dir)
        )
    with door.database.read() as connection:
        found = people.member_with_hash(connection, wish.person)
    if found is None:
        everybody = as_typed("staff", "list", data_dir=door.settings.data_dir)
        raise NotFound(f"There is nobody called {wish.person} here. `{everybody}` names everybody.")
    member = found[0]
    identity = Identity(name=member.name, role=Role(member.role.value))
    return identity, Purpose.RESET if wish.is_reset else Purpose.SIGN_IN


def _local(door: FrontDoor, what: str) -> Caller:
    caller = calling(door)
    if caller.identity.role is not Role.LOCAL:
        raise Forbidden(f"Only the administrator on the server itself may {what}. Nothing was done.")
    return caller
