"""The descriptions are generated, current and complete; a route, command or event without its line fails here."""

import json
import re

from flask import Flask
from running_house import House

from kiosk_server.domain.errors import Refusal
from kiosk_server.domain.events import EVENTS
from kiosk_server.edge import asyncapi, failures, openapi, push, schemas, wire
from kiosk_server.edge.guard_screens import walk_rules


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method.lower(), rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_described(house: House) -> None:
    assert routes(house.app) == set(openapi.OPERATIONS)


def test_every_route_stands_in_the_guards_table(house: House) -> None:
    assert walk_rules(house.app, house.kiosk.socketio.server) == []


def test_openapi_file_is_current() -> None:
    assert openapi.TARGET.read_text("utf-8") == openapi.as_text(), "run python -m kiosk_server.edge.openapi"


def test_asyncapi_file_is_current() -> None:
    assert asyncapi.TARGET.read_text("utf-8") == asyncapi.as_text(), "run python -m kiosk_server.edge.asyncapi"


def test_served_documents_are_those_files(house: House) -> None:
    assert house.get("/openapi.json").json() == json.loads(openapi.TARGET.read_text("utf-8"))
    assert house.get("/asyncapi.json").json() == json.loads(asyncapi.TARGET.read_text("utf-8"))


def test_every_command_and_event_has_a_message_with_words() -> None:
    messages = asyncapi.document()["components"]["messages"]
    for name in wire.ON_WIRE:
        assert f"command.{name}" in messages
    for name in EVENTS:
        assert messages[f"event.{name}"]["summary"]


def test_every_reference_leads_somewhere() -> None:
    for document in (openapi.document(), asyncapi.document()):
        for found in references(document):
            here = document
            for part in found.removeprefix("#/").split("/"):
                here = here[part]


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for inner in value.values() for ref in references(inner)]
    return [ref for inner in value for ref in references(inner)] if isinstance(value, list) else []


def test_withheld_fields_are_in_no_schema_of_what_is_sent() -> None:
    received = {kind.__name__ for kind in wire.ON_WIRE.values()}
    for name, schema in schemas.components().items():
        if name not in received:
            assert not wire.WITHHELD & set(schema.get("properties", {})), name


def test_every_event_has_an_audience() -> None:
    assert set(push.AUDIENCES) == set(EVENTS.values())
    assert all(push.AUDIENCES.values())


def test_every_refusal_has_a_status() -> None:
    waiting, codes = [Refusal], set()
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        codes.update(child.code for child in kind.__subclasses__())
    assert codes <= set(failures.STATUS)
    assert all(400 <= status < 600 for status in failures.STATUS.values())
    for status, (code, message) in failures.HTTP_MESSAGES.items():
        assert failures.STATUS[code] == status
        assert message.endswith(".")


def test_asyncapi_has_the_shape_of_version_3() -> None:
    """What AsyncAPI 3.0.0 demands of the parts that we use; its own JSON Schema cannot be had offline."""
    document = asyncapi.document()

    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    assert document.keys() <= {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations"} | {
        "components"
    }
    for channel in document["channels"].values():
        assert channel.keys() <= {"address", "messages", "title", "summary", "description", "servers", "parameters"}
        assert all(message.keys() == {"$ref"} for message in channel["messages"].values())
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert operation["channel"].keys() == {"$ref"}
        # 3.0.0: an operation's messages are those of its channel, not of the components.
        where = f"{operation['channel']['$ref']}/messages/"
        replies = operation.get("reply", {}).get("messages", [])
        assert all(message["$ref"].startswith(where) for message in [*operation["messages"], *replies])
    for name, message in document["components"]["messages"].items():
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
        assert {"name", "payload"} <= message.keys()
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in document["components"]["schemas"])


def test_nothing_in_a_document_is_null() -> None:
    """`securitySchemes: null` stops readers; a part that is not there is left out."""
    for document in (openapi.document(), asyncapi.document()):
        for part in (document, document["components"]):
            assert None not in part.values()
