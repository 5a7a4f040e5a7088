"""The page with a pairing code, and what it asks every two seconds: am I a terminal yet?

Works without script too: the page then asks by loading itself again.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.staff import Identity
from kiosk_server.edge.api import as_json
from kiosk_server.edge.door import PAIRING_COOKIE, FrontDoor
from kiosk_server.edge.identity import screen_of
from kiosk_server.edge.network import sender_of
from kiosk_server.edge.pairing import LIFE_S, Box, State, token_of


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("pairs", __name__)

    @room.get("/pair")
    def pair() -> AnyResponse:
        """A code that a manager types on the console; a browser that was confirmed goes to its screen."""
        secret = request.cookies.get(PAIRING_COOKIE, "")
        terminal = _confirmed(door, secret)
        if terminal is not None:
            return _hand_over(door, secret, redirect(f"/{screen_of(terminal)}", 303))
        caller = door.caller()
        if caller is not None and caller.identity.terminal:
            return redirect(f"/{screen_of(caller.identity)}", 303)
        box = door.porter.pairings.of(secret) if secret else None
        if box is None or request.args.get("again"):
            secret, box = door.porter.pairings.begin(sender_of(request.remote_addr), _browser())
        response = make_response(_page(door, box))
        door.set_cookie(response, PAIRING_COOKIE, secret, LIFE_S * 2)
        return response

    @room.get("/api/v1/pairing")
    def pairing() -> AnyResponse:
        """How it stands with this browser's pairing code; once confirmed, the terminal's cookie comes with it."""
        secret = request.cookies.get(PAIRING_COOKIE, "")
        terminal = _confirmed(door, secret)
        if terminal is not None:
            return _hand_over(door, secret, as_json({"state": "confirmed", "screen": f"/{screen_of(terminal)}"}))
        box = door.porter.pairings.poll(secret) if secret else None
        if box is None:
            raise NotFound("This browser shows no pairing code that is still good. Open /pair for a new one.")
        return as_json(_as_wire(door, box))

    return room


def _confirmed(door: FrontDoor, secret: str) -> Identity | None:
    return door.identities.terminals.find(token_of(secret)) if secret else None


def _hand_over(door: FrontDoor, secret: str, response: AnyResponse) -> AnyResponse:
    """Give the browser its token. The pairing cookie stays a moment: an answer that is lost is asked for again."""
    door.keep_terminal(response, token_of(secret))
    return response


def _as_wire(door: FrontDoor, box: Box) -> dict[str, object]:
    return {
        "state": box.state.value if box.state is not State.CONFIRMED else State.PENDING.value,
        "code": box.code,
        "interval_s": box.interval_s,
        "expires_in_s": door.porter.pairings.left_s(box),
    }


def _page(door: FrontDoor, box: Box) -> Response:
    page = render_template(
        "pair.html",
        code=box.code,
        state=box.state.value,
        life_s=LIFE_S,
        left_s=door.porter.pairings.left_s(box),
        interval_s=box.interval_s,
        is_new_store=not door.settings.policy.is_demo and not door.porter.has_owner,
    )
    return Response(page)


def _browser() -> str:
    return "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())[:200]
