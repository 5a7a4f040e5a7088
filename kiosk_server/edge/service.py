"""Staff at a lane: they sign in on its own screen, do what has to be done there, and leave nothing behind.

The session's token goes into the page's memory and into no cookie, so that a reload, a crash or the next customer has
nothing. A lane has one such session at most: whoever signs in there ends the one that was forgotten.
"""

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from kiosk_server.domain.errors import Forbidden, NotSignedIn
from kiosk_server.domain.staff import Role
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json, read_body
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.headers import bearer_of
from kiosk_server.edge.identity import STAFF
from kiosk_server.edge.network import sender_of
from kiosk_server.edge.porter import MAX_NAME, MAX_SECRET, Place


class ServiceSignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and a PIN or password."""

    person: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    secret: Annotated[str, Meta(min_length=1, max_length=MAX_SECRET)]


class Leaving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing needs to be said."""


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("service", __name__)

    @room.post("/api/v1/service")
    def begin() -> Response:
        """Sign a person in at the lane that asks; the answer's token is their bearer token."""
        lane = door.require({Role.LANE}, "service at a lane")
        body = wire.convert(read_body(), ServiceSignIn)
        place = Place(f"terminal:{lane.terminal}", request.remote_addr or "")
        sender = sender_of(request.remote_addr)
        door.rates.tries.check(sender, "sign-in tries")
        try:
            person, token = door.porter.sign_in(body.person, body.secret, place)
        except NotSignedIn:
            door.rates.tries.take(sender, "sign-in tries")
            raise
        if person.role not in STAFF:
            door.porter.sign_out(token)
            raise Forbidden(f"{person.name} works in the kitchen and has nothing to do at a lane. Nothing was changed.")
        door.porter.end_others(token, place.source)
        return as_json({"ok": True, "token": token, "person": person.name, "role": person.role.value})

    @room.post("/api/v1/service/end")
    def end() -> Response:
        """End the session of the bearer token. One that is over already is no matter."""
        wire.convert(read_body(), Leaving)
        token = bearer_of(request.environ)
        if token:
            door.porter.sign_out(token)
        return as_json({"ok": True})

    return room
