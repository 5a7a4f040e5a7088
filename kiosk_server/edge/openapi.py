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
from kiosk_server.edge.operations import ANYBODY, OPERATIONS, TEXT, Operation
from kiosk_server.edge.schemas import ref

__all__ = ["OPERATIONS", "TARGET", "as_text", "document"]

TARGET = Path(__file__).with_name("openapi.json")


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
    failure = {"application/json": {"schema": ref("Failure")}, "text/html": {"schema": TEXT}}
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
