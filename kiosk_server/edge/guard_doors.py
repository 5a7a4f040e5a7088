"""The guard's doors: where its one decision is asked.

    1  accept    Guard.accept_gate, handed to the transport: before a byte is read
    2  request   OuterDoor, the outermost WSGI layer: sees /socket.io/ too, which no before_request ever does
    3  screen    guard_screens.py, Flask's before_request: the zones of single screens, and forms
    4  packet    hang_on_packets: every Socket.IO packet, so that a change takes effect on open sockets

Hang door 2 after `socketio.init_app(app)`, or Socket.IO's own middleware stands before it:
`app.wsgi_app = OuterDoor(app.wsgi_app, guard)`.
"""

import logging
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kiosk_server.edge.guard import Door, Guard
from kiosk_server.edge.guard_rules import Drop, Reason
from kiosk_server.edge.headers import Headers, bearer_of, has_own_origin, is_handshake, is_write, secure
from kiosk_server.edge.hosts import Host, parse_host
from kiosk_server.edge.proxies import Admission, Refusal, resolve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

log = logging.getLogger(__name__)

Environ = dict[str, Any]

ADMISSION: Final = "kiosk.admission"
"""Where door 2 leaves its Admission in the environ."""

HAS_ORIGIN: Final = "kiosk.has_origin"
"""Whether a page of ours sent the request; False where no Origin was given (any other is refused)."""

_FORWARDED: Final = (
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT"),
    *("HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_SERVER", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "REMOTE_HOST"),
)
_TURNED_DOWN: Final = frozenset({401, 403, 429})
_WORDS: Final = {
    Reason.BAD_FORWARDING: "The proxy in front of this server does not say for whom it asks. "
    "Nothing was done; set X-Forwarded-For as in the sample configuration.",
    Reason.WRONG_HOST: "This server does not answer under that name. "
    "Use its own address, or have its name added to public_names in its settings.",
    Reason.WRONG_ORIGIN: "This request did not come from a page of this server, and shows no token. Nothing was done.",
}


class OuterDoor:
    """Door 2: lets requests in or turns them away, and puts our headers on whatever leaves.

    `is_token(environ)` says whether a write without an Origin shows a token that makes up for it; by default any bearer
    token does, because a page of another site cannot send one, and who it belongs to is found out further in.
    `note(client, status)` hears of every handshake that the transport turns down: Flask never sees those.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        guard: Guard,
        *,
        note: Callable[[str, int], None] | None = None,
        is_token: Callable[[Environ], bool] = lambda environ: bearer_of(environ) != "",
    ) -> None:
        self.app = app
        self._guard = guard
        self._note = note
        self._is_token = is_token

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        """Serve as a WSGI application."""
        generation = self._guard.generation
        admission = resolve(generation, environ)
        if isinstance(admission, Refusal):
            return self._turn_away(environ, start_response, admission)
        host = parse_host(environ.get("HTTP_HOST"))
        if host is None or not generation.hosts.has(host):
            wrong_host = Refusal(HTTPStatus.MISDIRECTED_REQUEST, Reason.WRONG_HOST, admission.client)
            return self._turn_away(environ, start_response, wrong_host)
        if self._is_foreign(environ, host, admission.scheme):
            wrong_origin = Refusal(HTTPStatus.FORBIDDEN, Reason.WRONG_ORIGIN, admission.client)
            return self._turn_away(environ, start_response, wrong_origin)
        return self._serve(environ, start_response, admission, host)

    def _is_foreign(self, environ: Environ, host: Host, scheme: str) -> bool:
        is_own = has_own_origin(environ, host, scheme)
        environ[HAS_ORIGIN] = bool(is_own)
        if is_own is None:  # where a socket has no Origin, its connect packet must show a token: door 4
            return is_write(environ) and not self._is_token(environ)
        return not is_own and (is_write(environ) or is_handshake(environ))

    def _serve(
        self, environ: Environ, start_response: "StartResponse", admission: Admission, host: Host
    ) -> Iterable[bytes]:
        for name in _FORWARDED:
            environ.pop(name, None)
        environ[ADMISSION] = admission
        environ["REMOTE_ADDR"] = admission.client
        environ["wsgi.url_scheme"] = admission.scheme
        environ["HTTP_HOST"] = str(host)
        if environ[HAS_ORIGIN]:
            environ["HTTP_ORIGIN"] = f"{admission.scheme}://{host}"  # libraries further in compare letter by letter
        path, scheme = environ.get("PATH_INFO", ""), admission.scheme

        def secured(status: str, headers: Headers, exc_info: Any = None) -> Any:
            code = int(status[:3])
            if self._note is not None and code in _TURNED_DOWN and path.startswith("/socket.io"):
                self._note(admission.client, code)
            ours = secure(headers, path=path, status=code, host=host, scheme=scheme)
            return start_response(status, ours, exc_info)

        try:
            return self.app(environ, secured)
        except Exception:
            if "transport.hand_over" in environ:
                raise  # the socket may be gone already; the transport ends it
            log.exception("The application failed on %s %s", environ.get("REQUEST_METHOD"), path)
            return _answer(environ, secured, HTTPStatus.INTERNAL_SERVER_ERROR, "")

    def _turn_away(self, environ: Environ, start_response: "StartResponse", refusal: Refusal) -> Iterable[bytes]:
        self._guard.drops.count(refusal.address, refusal.reason, Door.REQUEST)

        def secured(status: str, headers: Headers, exc_info: Any = None) -> Any:
            ours = secure(headers, path="", status=refusal.status, host=None, scheme="http")
            return start_response(status, ours, exc_info)

        return _answer(environ, secured, refusal.status, _WORDS.get(refusal.reason, ""))


def _answer(environ: Environ, start_response: Any, status: HTTPStatus, words: str) -> Iterable[bytes]:
    body = f"{words}\n".encode() if words else b""
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers, None)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


# -- door 4 --


# A namespace and its query end at the first comma or never; what stands in a query is no proof.
_NAMESPACE: Final = re.compile(r"/[^,]*(?:,|\Z)")


class _Auth(msgspec.Struct):
    token: str = ""


def hang_on_packets(server: Any, guard: Guard) -> None:
    """Ask at every packet of a python-socketio server, ours or the original; a refused peer's socket is closed."""

    def may_pass(eio_sid: str, data: object) -> bool:
        environ = server.environ.get(eio_sid)
        if environ is not None and _admits(guard, environ, data):
            return True
        server.eio.disconnect(eio_sid)
        return False

    on_message = server.eio.handlers["message"]

    def guarded_message(eio_sid: str, data: object) -> None:  # python-engineio's own sessions
        if may_pass(eio_sid, data):
            on_message(eio_sid, data)

    if hasattr(server.eio, "intake"):
        intake = server.eio.intake

        def guarded_intake(socket: Any, data: object) -> None:  # our transport, in the reactor's thread
            if may_pass(socket.sid, data):
                intake(socket, data)

        server.eio.intake = guarded_intake
    server.eio.on("message", guarded_message)
    server.is_guarded = True


def _admits(guard: Guard, environ: Environ, data: object) -> bool:
    admission = environ.get(ADMISSION)
    if not isinstance(admission, Admission):
        return False  # it came by another way than door 2
    generation = guard.generation
    verdicts = [generation.peer(admission.peer)]
    if admission.is_forwarded:
        verdicts.append(generation.client(admission.client))
    refused = next((verdict for verdict in verdicts if isinstance(verdict, Drop)), None)
    reason = refused.reason if refused else None
    if reason is None and _is_connect_without_proof(environ, data):
        reason = Reason.WRONG_ORIGIN
    if reason is None:
        return True
    guard.drops.count(admission.client, reason, Door.PACKET)
    return False


def _is_connect_without_proof(environ: Environ, data: object) -> bool:
    """Whether this is a Socket.IO CONNECT that came without an Origin and shows no token either."""
    if environ.get(HAS_ORIGIN) or not isinstance(data, str) or not data.startswith("0") or bearer_of(environ):
        return False
    try:
        return not msgspec.json.decode(_NAMESPACE.sub("", data[1:]), type=_Auth).token
    except (ValueError, msgspec.MsgspecError):
        return True
