"""How somebody comes in and goes out: `/` sends everybody to their screen, enrolment, sign-in, sign-out.

A code or token in an address is never logged (the log knows routes, not paths) and never leaves in a Referer. Looking
at an address spends nothing: link previews fetch it too. Only the form does.
"""

import logging

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk_server.domain.errors import NotSignedIn, Refusal
from kiosk_server.domain.staff import Identity
from kiosk_server.edge import failures
from kiosk_server.edge.codes import Purpose
from kiosk_server.edge.door import PAIRING_COOKIE, SESSION_COOKIE, FrontDoor
from kiosk_server.edge.identity import screen_of
from kiosk_server.edge.network import sender_of
from kiosk_server.edge.sessions import SESSION_LIFE_S
from kiosk_server.edge.tokens import tidy_code

log = logging.getLogger("kiosk.security")

MAX_INPUT = 256


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("entrance", __name__)

    @room.get("/")
    def home() -> AnyResponse:
        """To the caller's own screen; a browser that nobody knows shows a code to be paired by."""
        caller = door.caller()
        screen = screen_of(caller.identity) if caller else None
        return redirect(f"/{screen}" if screen else "/pair", 303)

    @room.get("/enrol/<token>")
    def enrol(token: str) -> AnyResponse:
        """Make this browser the terminal of the token, and go to its screen."""
        identity = door.identities.terminals.find(token)
        if identity is None:
            door.rates.looks.take(sender_of(request.remote_addr), "enrolment tries")
            log.warning("enrolment refused", extra={"peer": request.remote_addr})
            door.note_refusal(None, "enrol", "not_signed_in")
            raise NotSignedIn(
                "This enrolment address is wrong or was taken back. Make a new one on the server with "
                "`kiosk-server terminal add`."
            )
        log.info("terminal enrolled", extra={"who": identity.name, "peer": request.remote_addr})
        response = redirect(f"/{screen_of(identity)}", 303)
        door.keep_terminal(response, token)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @room.get("/signin")
    def signin() -> Response:
        """The forms for name and secret and for a one-time code; an address with `code` fills that in."""
        return _page(code=typed_in(request.args.get("code")))

    @room.post("/signin")
    def sign_in() -> AnyResponse:
        """Prove who you are, begin a session, and go to your screen."""
        code, person = typed_in(request.form.get("code")), typed_in(request.form.get("person"))
        try:
            identity, token = _with_code(door, code) if code else _with_secret(door, person)
        except _ToChoose:
            return redirect(f"/welcome?code={tidy_code(code)}", 303)  # no line break or `&` that was typed along
        except Refusal as refusal:
            return _page(code, person, failures.of_refusal(refusal))
        return let_in(door, identity, token)

    @room.post("/signout")
    def signout() -> AnyResponse:
        """End the session and close its consoles. The terminal of this browser stays enrolled."""
        token = request.cookies.get(SESSION_COOKIE, "")
        if token:
            door.porter.sign_out(token)
        response = redirect("/signin", 303)
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="Strict")
        return response

    return room


def let_in(door: FrontDoor, identity: Identity, token: str) -> AnyResponse:
    """The answer to somebody who has signed in: their cookie, and on to their screen."""
    response = redirect(f"/{screen_of(identity)}", 303)
    door.set_cookie(response, SESSION_COOKIE, token, SESSION_LIFE_S)
    # A person's browser is no kiosk that waits for pairing.
    box_secret = request.cookies.get(PAIRING_COOKIE)
    if box_secret:
        door.porter.pairings.forget(box_secret)
        response.delete_cookie(PAIRING_COOKIE, path="/", httponly=True, samesite="Strict")
    return response


def typed_in(text: str | None) -> str:
    """What somebody typed, bounded."""
    return (text or "")[:MAX_INPUT].strip()


class _ToChoose(Exception):  # noqa: N818 - the way goes on elsewhere
    """The code is one for choosing a name or a secret."""


def _with_code(door: FrontDoor, code: str) -> tuple[Identity, str]:
    sender = sender_of(request.remote_addr)
    door.rates.tries.check(sender, "sign-in tries")
    try:
        if door.porter.look(code).purpose is not Purpose.SIGN_IN:
            raise _ToChoose
        return door.porter.sign_in_with_code(code, door.place())
    except NotSignedIn:
        door.rates.tries.take(sender, "sign-in tries")
        log.warning("sign-in refused", extra={"peer": request.remote_addr, "code": "not_signed_in"})
        door.note_refusal(None, "sign_in_with_code", "not_signed_in")
        raise


def _with_secret(door: FrontDoor, person: str) -> tuple[Identity, str]:
    sender = sender_of(request.remote_addr)
    door.rates.tries.check(sender, "sign-in tries")
    try:
        return door.porter.sign_in(person, (request.form.get("secret") or "")[:MAX_INPUT], door.place())
    except NotSignedIn:
        door.rates.tries.take(sender, "sign-in tries")
        raise


def _page(code: str = "", person: str = "", failure: failures.Failure | None = None) -> Response:
    response = make_response(render_template("signin.html", code=code, person=person, failure=failure))
    if failure:
        response.status_code = failure.status
        response.headers.update(failure.headers())
    return response
