"""What one row of `operations.py` is made of: a route, and short words for the schemas of what goes in and out."""

import msgspec

from kiosk_server.edge.schemas import Schema, struct_of


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
MANAGERS = "managers and owners"
ATTENDANTS = "staff and attendants"
LANES = "self-checkout lanes"


def query(name: str, schema: Schema, text: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def path(name: str, text: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": text}


def list_of(name: str, of: Schema) -> Schema:
    return struct_of(name.title(), {name: {"type": "array", "items": of}}, "A list.")


def rows_of(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def closed(name: str, fields: dict[str, Schema], description: str, optional: tuple[str, ...]) -> Schema:
    """What is sent to us: nothing but these fields."""
    return struct_of(name, fields, description, optional) | {"additionalProperties": False}


def done(fields: dict[str, Schema]) -> Schema:
    result = {
        "ok": {"const": True},
        "seq": {"type": "integer"},
        "result": struct_of("Result", fields, "What was done."),
    }
    return struct_of("Done", result, "Done.")


def page(screen: str, summary: str) -> dict[tuple[str, str], Operation]:
    row = Operation(
        summary=summary, tag="pages", who=SIGNED_IN, media="text/html", redirects="to /signin", refused=(403, 503)
    )
    return {("get", f"/{screen}"): row}


NUMBER, TEXT = {"type": "integer"}, {"type": "string"}
