"""Door 3, Flask's before_request: which networks may open which screen, and forms that prove where they were drawn.

Every route stands in one table, endpoint or blueprint -> zone; None is open to everybody who came through two doors.
A route that is not in the table is closed, and `walk_rules` names it, so that nobody forgets one.
"""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Request, Response, abort, g, request

from kiosk_server.edge.guard import Door, Guard
from kiosk_server.edge.guard_doors import OuterDoor
from kiosk_server.edge.guard_rules import Reason
from kiosk_server.edge.headers import bearer_of, is_write

log = logging.getLogger(__name__)

FORM_COOKIE: Final = "kiosk_form"
FORM_FIELD: Final = "csrf_token"
FORM_HEADER: Final = "X-CSRF-Token"

_NONCE: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Signed double submit: what the form carries must fit the cookie beside it and the session it was drawn in.

    The cookie alone, planted by somebody on the way, does not help: the token is signed with our secret.
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def issue(self, nonce: str, session: str) -> str:
        """The token of a form, for this cookie and session ("" before signing in)."""
        return hmac.new(self.secret, f"{nonce}.{session}".encode(), hashlib.sha256).hexdigest()

    def is_valid(self, token: str, nonce: str, session: str) -> bool:
        """Whether the token was issued for this cookie and session; compared in constant time."""
        if not (token.isascii() and _NONCE.fullmatch(nonce)):
            return False
        return hmac.compare_digest(token, self.issue(nonce, session))


class ScreenDoor:
    """The door as it hangs in one Flask application.

    `zones` is the table; `session_of(request)` gives the session cookie's value, to which forms are bound.
    `socket_events` are all events that Socket.IO handlers may be registered for.
    """

    def __init__(
        self,
        guard: Guard,
        zones: Mapping[str, str | None],
        *,
        session_of: Callable[[Request], str] = lambda asked: asked.cookies.get("kiosk_session", ""),
        socket_events: Iterable[str] = (),
        forms: FormTokens | None = None,
    ) -> None:
        self.guard = guard
        self.zones = zones
        self.socket_events = frozenset(socket_events)
        self._session_of = session_of
        self._forms = forms or FormTokens()

    def hang(self, app: Flask) -> None:
        """Put the door before every other before_request, and `csrf_token()` into templates."""
        app.before_request_funcs.setdefault(None, []).insert(0, self.ask)
        app.after_request(self._keep_nonce)
        app.jinja_env.globals[FORM_FIELD] = self.form_token
        app.extensions["kiosk_door"] = self

    def ask(self) -> None:
        """Let the current request pass, or abort with 403."""
        if request.endpoint is not None:
            self._ask_zone()
            if is_write(request.environ) and self._is_form(request) and not self._is_ours(request):
                self._turn_away(Reason.WRONG_ORIGIN)

    def form_token(self) -> str:
        """The token for a form in the page being drawn; the cookie that belongs to it goes with the response."""
        nonce = request.cookies.get(FORM_COOKIE, "")
        if not _NONCE.fullmatch(nonce):
            nonce = g.setdefault("form_nonce", secrets.token_hex(16))
        return self._forms.issue(nonce, self._session_of(request))

    def _ask_zone(self) -> None:
        row = _row_of(request.endpoint or "", self.zones)
        if row is None:
            log.error("The route %s stands in no row of the door's table, so it is closed", request.endpoint)
            self._turn_away(Reason.WRONG_ZONE)
        elif not self.guard.permits(request.remote_addr, self.zones[row]):
            self._turn_away(Reason.WRONG_ZONE)

    def _turn_away(self, reason: Reason) -> None:
        self.guard.drops.count(request.remote_addr, reason, Door.SCREEN)
        g.is_refusal_noted = True
        abort(HTTPStatus.FORBIDDEN)

    @staticmethod
    def _is_form(asked: Request) -> bool:
        """What another site's page can send without asking: anything that is neither JSON nor has a bearer token."""
        return asked.mimetype != "application/json" and not bearer_of(asked.environ)

    def _is_ours(self, asked: Request) -> bool:
        token = asked.headers.get(FORM_HEADER) or asked.form.get(FORM_FIELD, "")
        return self._forms.is_valid(token, asked.cookies.get(FORM_COOKIE, ""), self._session_of(asked))

    @staticmethod
    def _keep_nonce(response: Response) -> Response:
        nonce = g.get("form_nonce")
        if nonce:
            response.set_cookie(
                FORM_COOKIE, nonce, httponly=True, samesite="Strict", secure=request.scheme == "https", path="/"
            )
        return response


def _row_of(endpoint: str, zones: Mapping[str, str | None]) -> str | None:
    """The row that speaks for an endpoint: its own, or that of its blueprint."""
    return next((name for name in (endpoint, endpoint.rpartition(".")[0]) if name in zones), None)


def walk_rules(app: Flask, server: Any = None) -> list[str]:
    """Everything about an application that the guard does not cover, in words; empty when all is well.

    Walks the URL map against the door's table, and the handlers of a python-socketio server against `socket_events`.
    """
    problems = []
    if not isinstance(app.wsgi_app, OuterDoor):
        problems.append("OuterDoor is not the outermost WSGI layer; hang it after socketio.init_app")
    door = app.extensions.get("kiosk_door")
    if not isinstance(door, ScreenDoor):
        return [*problems, "no ScreenDoor hangs in this application"]
    if app.before_request_funcs.get(None, [])[:1] != [door.ask]:
        problems.append("another before_request runs ahead of the ScreenDoor")
    rows = {rule.endpoint: _row_of(rule.endpoint, door.zones) for rule in app.url_map.iter_rules()}
    problems += [f"the route {endpoint} has no row" for endpoint, row in sorted(rows.items()) if row is None]
    problems += [f"the row {name} names no route" for name in sorted(set(door.zones) - set(rows.values()))]
    return [*problems, *(_walk_events(server, door.socket_events) if server is not None else ())]


def _walk_events(server: Any, known: frozenset[str]) -> list[str]:
    problems = [] if getattr(server, "is_guarded", False) else ["hang_on_packets was not called for this server"]
    events = {event for handlers in server.handlers.values() for event in handlers}
    if server.namespace_handlers:
        problems.append("a namespace class handles events that no table lists")
    problems += [f"the socket event {event} is in no table" for event in sorted(events - known)]
    return [*problems, *(f"the socket event {event} has no handler" for event in sorted(known - events))]
