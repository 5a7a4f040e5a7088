"""Choosing a name or a secret with a one-time code: the first owner of a new store, and who forgot their PIN.

There is no default password anywhere: whoever reads the server's own output, in the store's own network, within 15
minutes, is its owner.
"""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk_server.domain.errors import NotSignedIn, OutOfRange, Refusal
from kiosk_server.edge import failures
from kiosk_server.edge.codes import Purpose
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.entrance import let_in, typed_in
from kiosk_server.edge.network import sender_of


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("welcome", __name__)

    @room.get("/welcome")
    def welcome() -> Response:
        """The form behind a one-time code; looking at it spends nothing."""
        return _page(door, typed_in(request.args.get("code")))

    @room.post("/welcome")
    def choose() -> AnyResponse:
        """Spend the code: become the first owner, or have a new secret; then go to the console."""
        code, person = typed_in(request.form.get("code")), typed_in(request.form.get("person"))
        secret = (request.form.get("secret") or "")[:256]
        sender = sender_of(request.remote_addr)
        try:
            door.rates.tries.check(sender, "sign-in tries")
            if secret != request.form.get("again"):
                raise OutOfRange("The two entries are not the same. Nothing was changed. Type it twice.")
            is_reset = door.porter.look(code).purpose is Purpose.RESET
            place = door.place()
            enter = door.porter.reset(code, secret, place) if is_reset else None
            identity, token = enter or door.porter.welcome(code, person, secret, place)
        except Refusal as refusal:
            if isinstance(refusal, NotSignedIn):
                door.rates.tries.take(sender, "sign-in tries")
            return _page(door, code, person, refusal)
        return let_in(door, identity, token)

    return room


def _page(door: FrontDoor, code: str, person: str = "", refusal: Refusal | None = None) -> Response:
    purpose = None
    if code:
        try:
            door.rates.looks.check(sender_of(request.remote_addr), "wrong codes")
            grant = door.porter.look(code)
        except Refusal as wrong:
            if isinstance(wrong, NotSignedIn) and not isinstance(refusal, NotSignedIn):  # that one was counted
                door.rates.looks.take(sender_of(request.remote_addr), "wrong codes")
            refusal = refusal or wrong
        else:
            purpose = grant.purpose.name
            person = grant.identity.name if grant.purpose is Purpose.RESET else person
    failure = failures.of_refusal(refusal) if refusal else None
    page = render_template("welcome.html", code=code, person=person, purpose=purpose, failure=failure)
    response = make_response(page)
    if failure:
        response.status_code = failure.status
        response.headers.update(failure.headers())
    return response
