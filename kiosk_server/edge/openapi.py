"""The HTTP interface, described: OpenAPI 3.1 from the structs and one row a route.

`python -m kiosk_server.edge.openapi` rewrites `openapi.json` beside this file; tests fail while it is stale, and for a
route of the application that has no row here.
"""

import functools
import json
from pathlib import Path
from typing import Any

import msgspec

from kiosk_server import __version__
from kiosk_server.edge import schemas
from kiosk_server.edge.schemas import Schema, ref, struct_of

TARGET = Path(__file__).with_name("openapi.json")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `answer` is the schema of its 200; without one it is a page, and `found` says where it redirects."""

    summary: str
    tag: str
    who: str
    parameters: tuple[Schema, ...] = ()
    body: Schema | None = None
    form: Schema | None = None
    answer: Schema | None = None
    media: str = "application/json"
    redirects: str = ""
    refused: tuple[int, ...] = ()


ANYBODY, SIGNED_IN, STAFF, LOCAL = "anybody let in", "anybody signed in", "staff", "the administrator on this machine"


def _query(name: str, schema: Schema, text: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _path(name: str, text: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": text}


def _list(name: str, of: Schema) -> Schema:
    return struct_of(name.title(), {name: {"type": "array", "items": of}}, "A list.")


def _done(fields: dict[str, Schema]) -> Schema:
    result = {
        "ok": {"const": True},
        "seq": {"type": "integer"},
        "result": struct_of("Result", fields, "What was done."),
    }
    return struct_of("Done", result, "Done.")


def _page(screen: str, summary: str) -> dict[tuple[str, str], Operation]:
    row = Operation(
        summary=summary, tag="pages", who=SIGNED_IN, media="text/html", redirects="to /signin", refused=(403, 503)
    )
    return {("get", f"/{screen}"): row}


_NUMBER, _TEXT = {"type": "integer"}, {"type": "string"}
_ROW = struct_of(
    "Row",
    {
        "seq": _NUMBER,
        "at": _NUMBER,
        "type": _TEXT,
        "key": _TEXT,
        "by": _TEXT,
        "terminal": _TEXT,
        "data": {"type": "object"},
    },
    "One row of the journal.",
)
_STATUS = struct_of("Status", {"ok": {"const": True}, "status": _TEXT}, "A verdict.")

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("post", "/api/v1/commands"): Operation(
        summary="Give one command; the answer comes after its commit.",
        tag="api",
        who=SIGNED_IN,
        body=ref("Order"),
        answer=ref("Done"),
        refused=(400, 401, 403, 404, 409, 413, 422, 429, 503),
    ),
    ("get", "/api/v1/screen"): Operation(
        summary="The caller's whole screen, as the snapshot of a socket.",
        tag="api",
        who=SIGNED_IN,
        answer=ref("Snapshot"),
        refused=(401, 403),
    ),
    ("get", "/api/v1/items"): Operation(
        summary="Items found by words of their name or by code.",
        tag="api",
        who=SIGNED_IN,
        answer=_list("items", ref("Item")),
        refused=(400, 401),
        parameters=(
            _query("q", {"type": "string", "maxLength": 200, "default": ""}, "Words or a code."),
            _query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "How many at most."),
            _query("kind", ref("ItemKind"), "Only items of this kind."),
        ),
    ),
    ("get", "/api/v1/terminals"): Operation(
        summary="All terminals with their state and presence.",
        tag="api",
        who=STAFF,
        answer=_list("terminals", ref("Tile")),
        refused=(401, 403),
    ),
    ("get", "/api/v1/journal"): Operation(
        summary="Events after a number, oldest first.",
        tag="api",
        who=STAFF,
        answer=_list("events", _ROW),
        refused=(400, 401, 403),
        parameters=(
            _query("since", {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0}, "The last seq known."),
            _query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, "How many at most."),
        ),
    ),
    ("get", "/api/v1/receipts/<number>"): Operation(
        summary="One receipt: any for staff, its own for a terminal.",
        tag="api",
        who=SIGNED_IN,
        answer=ref("Receipt"),
        refused=(401, 404),
        parameters=(_path("number", "The receipt's number."),),
    ),
    ("post", "/api/v1/catalog/import"): Operation(
        summary="Import a staged batch of items in one transaction.",
        tag="administration",
        who=LOCAL,
        refused=(400, 401, 403, 404, 422, 503),
        body=struct_of(
            "ImportOrder", {"key": _TEXT, "batch": _TEXT, "source": _TEXT}, "A file in staged/.", ("source",)
        ),
        answer=_done({"added": _NUMBER, "changed": _NUMBER, "unchanged": _NUMBER}),
    ),
    ("post", "/api/v1/staff/codes"): Operation(
        summary="A one-time sign-in code for the manager, good for 15 minutes.",
        tag="administration",
        who=LOCAL,
        answer=_done({"code": _TEXT, "expires_s": _NUMBER}),
        refused=(401, 403),
    ),
    ("get", "/openapi.json"): Operation(
        summary="This description.", tag="documents", who=ANYBODY, answer={"type": "object"}
    ),
    ("get", "/asyncapi.json"): Operation(
        summary="The description of the Socket.IO interface.", tag="documents", who=ANYBODY, answer={"type": "object"}
    ),
    ("get", "/healthz"): Operation(summary="The process answers.", tag="health", who=ANYBODY, answer=_STATUS),
    ("get", "/readyz"): Operation(
        summary="The store can be written and read now.", tag="health", who=ANYBODY, answer=_STATUS, refused=(503,)
    ),
    ("get", "/metrics"): Operation(
        summary="Prometheus' text format; for this machine, unless the settings open it.",
        tag="health",
        who=ANYBODY,
        answer=_TEXT,
        media="text/plain",
        refused=(403,),
    ),
    ("get", "/"): Operation(
        summary="To the caller's own screen, or to sign-in.",
        tag="pages",
        who=ANYBODY,
        media="text/html",
        redirects="to the screen or /signin",
    ),
    **_page("lane", "The page of a self-checkout lane."),
    **_page("stall", "The page of a drive-in stall."),
    **_page("pump", "The page of a fuelling point."),
    **_page("kitchen", "The page of a kitchen screen."),
    **_page("pickup", "The page of the customers' pick-up board."),
    **_page("manager", "The page of the manager's console."),
    ("get", "/receipt/<number>"): Operation(
        summary="A receipt to look at and to print.",
        tag="pages",
        who=SIGNED_IN,
        answer=_TEXT,
        media="text/html",
        refused=(401, 404),
        parameters=(_path("number", "The receipt's number."), _query("lang", _TEXT, "One of the store's languages.")),
    ),
    ("get", "/enrol/<token>"): Operation(
        summary="Make this browser the terminal of the token, and go to its screen.",
        tag="entrance",
        who=ANYBODY,
        media="text/html",
        redirects="to the terminal's screen",
        refused=(401, 429),
        parameters=(_path("token", "What `kiosk-server terminal add` printed."),),
    ),
    ("get", "/signin"): Operation(
        summary="The form for a one-time code.",
        tag="entrance",
        who=ANYBODY,
        answer=_TEXT,
        media="text/html",
        parameters=(_query("code", _TEXT, "Fills the form in; nothing is spent by looking."),),
    ),
    ("post", "/signin"): Operation(
        summary="Spend a one-time code, begin a session, and go to the console.",
        tag="entrance",
        who=ANYBODY,
        form=struct_of("SignIn", {"code": _TEXT}, "The form."),
        media="text/html",
        redirects="to /manager",
        refused=(401, 403, 429),
    ),
    ("post", "/signout"): Operation(
        summary="End the session and close its consoles.",
        tag="entrance",
        who=ANYBODY,
        media="text/html",
        redirects="to /signin",
        refused=(403,),
    ),
    ("get", "/static/<path:filename>"): Operation(
        summary="Scripts, styles, fonts and pictures of the screens.",
        tag="pages",
        who=ANYBODY,
        media="*/*",
        answer={},
        refused=(404,),
        parameters=(_path("filename", "The file."),),
    ),
}


@functools.cache
def document() -> dict[str, Any]:
    """The whole OpenAPI document as plain values."""
    paths: dict[str, dict[str, Any]] = {}
    for (method, rule), row in OPERATIONS.items():
        paths.setdefault(rule_as_path(rule), {})[method] = _operation(method, rule, row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kiosk Server",
            "version": __version__,
            "description": "The HTTP twin of the wire. Reads and commands of one store; pushes come over Socket.IO.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A terminal's token."},
                "terminal": {"type": "apiKey", "in": "cookie", "name": "kiosk_terminal"},
                "session": {"type": "apiKey", "in": "cookie", "name": "kiosk_session"},
            },
        },
    }


def rule_as_path(rule: str) -> str:
    """Flask's `/receipt/<number>` as OpenAPI's `/receipt/{number}`."""
    return rule.replace("path:", "").replace("<", "{").replace(">", "}")


def _operation(method: str, rule: str, row: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    if row.answer is not None or not row.redirects:
        responses["200"] = {"description": "Done.", "content": {row.media: {"schema": row.answer or _TEXT}}}
    elif row.tag == "pages":
        responses["200"] = {"description": "The page.", "content": {"text/html": {"schema": _TEXT}}}
    if row.redirects:
        responses["303"] = {"description": f"Redirects {row.redirects}."}
    failure = {"application/json": {"schema": ref("Failure")}, "text/html": {"schema": _TEXT}}
    for status in row.refused:
        responses[str(status)] = {"description": "Refused.", "content": failure}
    responses["default"] = {"description": "Refused.", "content": failure}
    operation: dict[str, Any] = {
        "operationId": f"{method}_{rule.strip('/').replace('/', '_').replace('<', '').replace('>', '') or 'home'}",
        "summary": row.summary,
        "description": f"For {row.who}.",
        "tags": [row.tag],
        "responses": responses,
    }
    if row.parameters:
        operation["parameters"] = list(row.parameters)
    if row.body or row.form:
        media = "application/json" if row.body else "application/x-www-form-urlencoded"
        operation["requestBody"] = {"required": True, "content": {media: {"schema": row.body or row.form}}}
    if row.who != ANYBODY:
        operation["security"] = [{"token": []}, {"terminal": []}, {"session": []}]
    return operation


@functools.cache
def as_text() -> str:
    """The document as it is committed and served."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(as_text(), "utf-8")
