"""The HTTP interface, described: OpenAPI 3.1 from the structs and the rows of operations.py.

`python -m kiosk_server.edge.openapi` rewrites `openapi.json` beside this file; tests fail while it is stale, and for a
route of the application that has no row here.
"""

import functools
import json
from pathlib import Path
from typing import Any

from kiosk_server import __version__
from kiosk_server.edge import schemas
from kiosk_server.edge.operation import ANYBODY, TEXT, Operation
from kiosk_server.edge.operations import OPERATIONS
from kiosk_server.edge.schemas import ref

__all__ = ["OPERATIONS", "TARGET", "as_text", "document"]

TARGET = Path(__file__).with_name("openapi.json")

WHY = {
    400: "Not understood: no JSON, an unknown command, a field that is missing, unknown or out of its limits.",
    401: "Nobody is signed in, or the token or session was taken back.",
    403: "The caller may not do or see this, or not from this network; or a form came without its token.",
    404: "There is no such thing, or none for this caller.",
    409: "It does not fit the state that things are in.",
    413: "More bytes than are taken.",
    415: "Another Content-Type than the one described.",
    422: "Understood, but it cannot be: a product code that is damaged or unknown, a number that is out of range.",
    429: "Too much in too short a time.",
    503: "Not now: the store is busy or can only be read. Nothing was done.",
}
"""What a status means here; the `code` of the error shape says it more exactly."""

HEADERS = {
    401: ("WWW-Authenticate", "How to sign in."),
    429: ("Retry-After", "Whole seconds to wait."),
    503: ("Retry-After", "Whole seconds to wait."),
}

EVERYWHERE = (
    "As on every address: 405 for another method (`Allow` names the right ones), 500 for a fault of the server; and, "
    "as plain text from the doors in front, 400 for a request or a forwarding that is malformed, 403 for a page of "
    "another site, 413 and 431 for too many bytes, 421 for a name that is not this server's."
)


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
        responses["200"] = {"description": "Done.", "content": {row.media: {"schema": row.answer or TEXT}}}
    elif row.tag == "pages":
        responses["200"] = {"description": "The page.", "content": {"text/html": {"schema": TEXT}}}
    if row.redirects:
        responses["303"] = {"description": f"Redirects {row.redirects}."}
    responses |= _refusals(rule, row)
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


def _refusals(rule: str, row: Operation) -> dict[str, Any]:
    """The statuses that the row names, and what every address has in common."""
    content: dict[str, Any] = {"application/json": {"schema": ref("Failure")}}
    if not rule.startswith("/api/") and not rule.endswith(".json"):
        content["text/html"] = {"schema": TEXT}
    found: dict[str, Any] = {}
    for status in sorted({*row.refused, *((401, 403) if row.who != ANYBODY else ())}):
        found[str(status)] = {"description": WHY[status], "content": content}
        if status in HEADERS:
            name, text = HEADERS[status]
            found[str(status)]["headers"] = {name: {"schema": TEXT, "description": text}}
    found["default"] = {"description": EVERYWHERE, "content": {**content, "text/plain": {"schema": TEXT}}}
    return found


@functools.cache
def as_text() -> str:
    """The document as it is committed and served."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(as_text(), "utf-8")
