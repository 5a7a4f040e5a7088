"""How somebody comes in and goes out: `/` sends everybody to their screen, enrolment, sign-in, sign-out.

A code or token in an address is never logged (the log knows routes, not paths) and never leaves in a Referer. Looking
at an address spends nothing: link previews fetch it too. Only the form does.
"""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk_server.domain.errors import NotSignedIn, Refusal
from kiosk_server.domain.staff import Identity
from kiosk_server.edge import failures
from kiosk_server.edge.door import SESSION_COOKIE, FrontDoor
from kiosk_server.edge.identity import SESSION_LIFE_S, screen_of
from kiosk_server.edge.network import sender_of

log = logging.getLogger("kiosk.security")

MAX_CODE_INPUT = 64


def blueprint(door: FrontDoor, close_session: Callable[[str], None]) -> Blueprint:
    """`close_session(session_hash)` closes the sockets of somebody who signs out."""
    room = Blueprint("entrance", __name__)

    @room.get("/")
    def home() -> AnyResponse:
        """To the caller's own screen, or to sign-in."""
        caller = door.caller()
        screen = screen_of(caller.identity) if caller else None
        return redirect(f"/{screen}" if screen else "/signin", 303)

    @room.get("/enrol/<token>")
    def enrol(token: str) -> AnyResponse:
        """Make this browser the terminal of the token, and go to its screen."""
        door.rates.tries.take(sender_of(request.remote_addr), "enrolment tries")
        identity = door.identities.terminals.find(token)
        if identity is None:
            log.warning("enrolment refused", extra={"peer": request.remote_addr})
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
        """The form for a one-time code; an address with `code` fills it in."""
        return _form(request.args.get("code", "")[:MAX_CODE_INPUT])

    @room.post("/signin")
    def signin_with_code() -> AnyResponse:
        """Spend a one-time code, begin a session, and go to the console."""
        typed = request.form.get("code", "")[:MAX_CODE_INPUT]
        try:
            door.rates.tries.take(sender_of(request.remote_addr), "sign-in tries")
            identity = door.identities.codes.redeem(typed)
        except Refusal as refusal:
            log.warning("sign-in refused", extra={"peer": request.remote_addr, "code": refusal.code})
            return _form(typed, failures.of_refusal(refusal))
        log.info("signed in", extra={"who": identity.name, "peer": request.remote_addr})
        response = redirect("/manager", 303)
        door.set_cookie(response, SESSION_COOKIE, door.identities.sessions.begin(identity), SESSION_LIFE_S)
        return response

    @room.post("/signout")
    def signout() -> AnyResponse:
        """End the session and close its consoles. The terminal of this browser stays enrolled."""
        token = request.cookies.get(SESSION_COOKIE, "")
        if token:
            close_session(door.identities.sessions.end(token))
        response = redirect("/signin", 303)
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="Strict")
        return response

    return room


def _redeem(door: FrontDoor, typed: str) -> Identity:
    peer = request.remote_addr or ""
    door.rates.tries.check(peer, "sign-in tries")
    try:
        return door.identities.codes.redeem(typed)
    except NotSignedIn:
        door.rates.tries.take(peer, "sign-in tries")
        raise


def _form(code: str, failure: failures.Failure | None = None) -> Response:
    response = make_response(render_template("signin.html", code=code, failure=failure))
    if failure:
        response.status_code = failure.status
        response.headers.update(failure.headers())
    return response
