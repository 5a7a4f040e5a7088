"""JSON Schema of the structs, shared by the HTTP and the Socket.IO description.

A command's or event's `data` is the struct without its tag (the tag is the message's `name` or `type`), and withheld
fields are not in what the server sends.
"""

import functools
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kiosk_server.domain import catalog, events, screens
from kiosk_server.domain.commands import FILLED_IN
from kiosk_server.domain.errors import Refusal
from kiosk_server.domain.staff import Member
from kiosk_server.domain.tender import Receipt
from kiosk_server.domain.terminal import Terminal
from kiosk_server.domain.why import Why
from kiosk_server.edge import failures, wire
from kiosk_server.store.prints import ReceiptRow

REF = "#/components/schemas/{name}"
NAME = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^\\x00-\\x1f\\x7f]+$"}
KEY = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[\\x21-\\x7e]+$"}

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": REF.format(name=name)}


@functools.cache
def components() -> dict[str, Schema]:
    """Every struct that crosses the wire, by its class name."""
    kinds: list[type] = [
        *wire.ON_WIRE.values(),
        *events.EVENTS.values(),
        *screens.SCREENS.values(),
        catalog.Item,
        Receipt,
        ReceiptRow,
        Why,
        wire.Auth,
        wire.Resync,
    ]
    _, found = msgspec.json.schema_components(kinds, ref_template=REF)
    schemas: dict[str, Schema] = {name: dict(schema) for name, schema in found.items()}
    for kind in wire.ON_WIRE.values():
        _drop(schemas[kind.__name__], {"name"} | FILLED_IN.of(kind))
        schemas[kind.__name__]["additionalProperties"] = False
    for event in events.EVENTS.values():
        _drop(schemas[event.__name__], {"type"})
    for kind_sent in (Terminal, Member, events.SecretChanged, events.SignedIn, events.HandOffOffered):
        _drop(schemas[kind_sent.__name__], wire.WITHHELD)
    schemas.pop("SealedSecret", None)
    schemas.update(_messages())
    schemas.update(_oversight())
    return dict(sorted(schemas.items()))


def orders() -> list[Schema]:
    """One schema a command: `{key, name, data}`."""
    return [
        {
            "type": "object",
            "title": name,
            "description": first_line(kind),
            "properties": {"key": KEY, "name": {"const": name}, "data": ref(kind.__name__)},
            "required": ["key", "name", *(["data"] if _has_required(kind) else [])],
            "additionalProperties": False,
        }
        for name, kind in sorted(wire.ON_WIRE.items())
    ]


def first_line(kind: object) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def struct_of(name: str, fields: Mapping[str, Any], description: str, optional: Iterable[str] = ()) -> Schema:
    required = [field for field in fields if field not in set(optional)]
    return {"type": "object", "title": name, "description": description, "properties": fields, "required": required}


def refusal_codes() -> list[str]:
    """Every code of the error shape."""
    found, waiting = set(failures.STATUS), [Refusal]
    while waiting:
        kind = waiting.pop()
        found.update(child.code for child in kind.__subclasses__())
        waiting.extend(kind.__subclasses__())
    return sorted(found)


def _messages() -> dict[str, Schema]:
    number, text, anything = {"type": "integer"}, {"type": "string"}, {"type": "object"}
    pushed = {"seq": number, "at": number, "type": {"enum": sorted(events.EVENTS)}, "data": anything, "prev": number}
    return {
        "Order": {"oneOf": orders()},
        "Done": struct_of(
            "Done", {"ok": {"const": True}, "seq": number, "result": {}}, "The command was done and is on disk."
        ),
        "Failure": struct_of(
            "Failure",
            {"ok": {"const": False}, "code": {"enum": refusal_codes()}, "message": text, "details": anything},
            "Not done. `message` is for people, `code` and `details` for programs.",
            optional=("details",),
        ),
        "Reply": {"oneOf": [ref("Done"), ref("Failure")]},
        "Pushed": struct_of("Pushed", pushed, "An event; `prev` is the seq of the one before it in this stream."),
        "Snapshot": struct_of(
            "Snapshot",
            {"seq": number, "screen": {"enum": sorted(screens.SCREENS)}, "state": {}, "now": number, "build": text},
            "The whole state of a screen, true at `seq`; `now` is the server's clock, ms since 1970, UTC.",
        )
        | {
            "oneOf": [
                {"properties": {"screen": {"const": name}, "state": ref(kind.__name__)}}
                for name, kind in sorted(screens.SCREENS.items())
            ]
        },
        "Resynced": {
            "oneOf": [
                struct_of(
                    "Missed",
                    {"events": {"type": "array", "items": ref("Pushed")}, "seq": number},
                    "All that was missed; the screen is then current up to `seq`.",
                ),
                struct_of("Restarted", {"snapshot": ref("Snapshot")}, "Too much was missed; begin again from here."),
            ]
        },
        "Live": struct_of("Live", {"topic": text, "data": anything}, "A volatile value; the latest one wins."),
        "Notice": struct_of(
            "Notice",
            {"kind": {"enum": ["closing", "message", "reload"]}, "message": text, "code": text, "build": text},
            "About the connection itself: the server goes down, says something, or has newer screens.",
            optional=("code", "build"),
        ),
    }


def _oversight() -> dict[str, Schema]:
    """What managers read of who comes in; the rows of oversight.py."""
    number, text, maybe, yes = (
        {"type": "integer"},
        {"type": "string"},
        {"type": ["string", "null"]},
        {"type": "boolean"},
    )
    words = {"type": "array", "items": text}
    said = ref("Said")
    network = {
        "network": text,
        "treatment": text,
        "why": text,
        "why_said": said,
        "remaining_s": {"type": ["number", "null"]},
    }
    rows: dict[str, tuple[dict[str, Any], str]] = {
        "PrinterRow": (
            {"name": text, "way": text, "waiting": number, "trouble": maybe, "is_paper_low": yes}
            | {"set_trouble": maybe, "papers": {"type": ["integer", "null"]}},
            "One printer. `set_trouble` and `papers` (how many it has cut) are null for one that is not virtual.",
        ),
        "StaffRow": (
            {"name": text, "role": text, "secret_kind": text, "added_at": number, "is_retired": yes}
            | {"wrong_tries": number, "locked_s": number},
            "One person.",
        ),
        "SessionRow": (
            {"session_id": text, "person": text, "role": text, "source": text, "began_at": number}
            | {"idle_s": number, "is_own": yes},
            "One person signed in somewhere.",
        ),
        "ConnectionRow": (
            {"who": text, "role": text, "screen": text, "address": text, "proxy": maybe, "network": text}
            | {"opened_at": number},
            "One open socket.",
        ),
        "NetworkRow": (network, "One network that counts now; `remaining_s` is null for what does not end."),
        "DropRow": (
            {"address": text, "reason": text, "door": text, "first_seen": number, "last_seen": number, "count": number},
            "One address that was turned away.",
        ),
        "DropCount": ({"door": text, "reason": text, "count": number}, "Refusals since the start."),
        "Said": (
            {"code": text, "values": {"type": "object"}, "text": text},
            "A sentence by code and values, for other languages, and in English.",
        ),
        "RefusalRow": (
            {"who": text, "where": text, "what": text, "why": text, "count": number, "first_at": number}
            | {"last_at": number},
            "Somebody who was refused something, as in the event access_refused.",
        ),
        "NetworkView": (
            {
                "mode": text,
                "own_address": text,
                "connections": {"type": "array", "items": ref("ConnectionRow")},
                "networks": {"type": "array", "items": ref("NetworkRow")},
                "drops": {"type": "array", "items": ref("DropRow")},
                "refusals": {"type": "array", "items": ref("RefusalRow")},
                "drop_counts": {"type": "array", "items": ref("DropCount")},
            },
            "Who is connected from where, and who was turned away.",
        ),
        "Explanation": (
            {"would_get_in": yes, "client": maybe, "status": {"type": ["integer", "null"]}, "reason": maybe}
            | {"network": maybe, "why": maybe, "open_zones": words, "closed_zones": words, "is_proxy": yes}
            | {"is_own_machine": yes, "steps": words, "steps_said": {"type": "array", "items": said}}
            | {"networks": {"type": "array", "items": ref("NetworkRow")}},
            "What would happen to a request.",
        ),
    }
    return {name: struct_of(name, fields, words) for name, (fields, words) in rows.items()}


def _drop(schema: Schema, names: Iterable[str]) -> None:
    gone = set(names)
    schema["properties"] = {name: value for name, value in schema["properties"].items() if name not in gone}
    schema["required"] = [name for name in schema.get("required", ()) if name not in gone]


def _has_required(kind: type[msgspec.Struct]) -> bool:
    return any(field.required for field in msgspec.structs.fields(kind))
