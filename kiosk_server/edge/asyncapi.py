"""The Socket.IO interface, described: AsyncAPI 3 from the structs, one message a command and an event.

`python -m kiosk_server.edge.asyncapi` rewrites `asyncapi.json` beside this file; a test fails while it is stale.
"""

import functools
import json
from pathlib import Path
from typing import Any

from kiosk_server import __version__
from kiosk_server.domain import events
from kiosk_server.edge import push, schemas, wire
from kiosk_server.edge.schemas import Schema, first_line, ref

TARGET = Path(__file__).with_name("asyncapi.json")

ADDRESS = "/socket.io/"


@functools.cache
def document() -> dict[str, Any]:
    """The whole AsyncAPI document as plain values."""
    messages = {**_from_client(), **_from_server()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kiosk Server",
            "version": __version__,
            "description": (
                "Socket.IO 5 over WebSocket, namespace /. Connect with auth {token?, seq?, build?, screen?} or with a "
                "cookie; a refused connect carries the error shape as the data of CONNECT_ERROR. After connect comes "
                "`snapshot`; then `event` in journal order, each naming the one before it as `prev`."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            "screen": {
                "address": ADDRESS,
                "title": "One screen's connection",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": _operations(),
        "components": {"messages": messages, "schemas": schemas.components()},
    }


def _operations() -> dict[str, Any]:
    def row(action: str, names: list[str], summary: str, reply: str = "") -> dict[str, Any]:
        refs = [{"$ref": f"#/channels/screen/messages/{name}"} for name in names]
        found: dict[str, Any] = {
            "action": action,
            "channel": {"$ref": "#/channels/screen"},
            "summary": summary,
            "messages": refs,
        }
        if reply:
            found["reply"] = {"messages": [{"$ref": f"#/channels/screen/messages/{reply}"}]}
        return found

    return {
        "connect": row("receive", ["connect"], "Who connects, and with which screens."),
        "command": row(
            "receive",
            [f"command.{name}" for name in sorted(wire.ON_WIRE)],
            "One command; acknowledged after its commit. The same key and body is done once.",
            "reply",
        ),
        "resync": row("receive", ["resync"], "What came after this number?", "resynced"),
        "snapshot": row("send", ["snapshot"], "The whole state, after connect."),
        "event": row("send", [f"event.{name}" for name in sorted(events.EVENTS)], "A committed fact."),
        "live": row("send", ["live"], "A volatile value: presence:<terminal>, fuel:<terminal>, scale:<lane>."),
        "notice": row("send", ["notice"], "About the connection itself."),
    }


def _from_client() -> dict[str, Any]:
    found = {
        "connect": _message("connect", "The auth of CONNECT.", ref("Auth")),
        "resync": _message("resync", "The last number applied.", ref("Resync")),
    }
    for order in schemas.orders():
        name = order["title"]
        found[f"command.{name}"] = _message("command", order["description"], order)
    return found


def _from_server() -> dict[str, Any]:
    found = {
        "reply": _message("ack", "The answer to a command.", ref("Reply")),
        "resynced": _message("ack", "The answer to resync.", ref("Resynced")),
        "snapshot": _message("snapshot", "The whole state of a screen.", ref("Snapshot")),
        "live": _message("live", "A volatile value.", ref("Live")),
        "notice": _message("notice", "About the connection itself.", ref("Notice")),
    }
    for name, kind in sorted(events.EVENTS.items()):
        heard = ", ".join(audience.name.lower() for audience in push.AUDIENCES[kind])
        fields = {"properties": {"type": {"const": name}, "data": ref(kind.__name__)}}
        found[f"event.{name}"] = _message(
            "event", f"{first_line(kind)} Heard by: {heard}.".strip(), {"allOf": [ref("Pushed"), fields]}
        )
    return found


def _message(name: str, summary: str, payload: Schema) -> dict[str, Any]:
    return {"name": name, "summary": summary, "payload": payload}


@functools.cache
def as_text() -> str:
    """The document as it is committed and served."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(as_text(), "utf-8")
