"""Socket.IO: connect, command, resync. Parses what comes in, hands it on, shapes what goes out; decides nothing.

A `command` is acknowledged when its commit is done: the handler returns a promise and the transport sends the ack when
it completes, so no thread waits. Events that we do not know are answered, not swallowed: a mistyped name must show.
"""

import difflib
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from flask import request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import join_room

from kiosk_server.core.bus import Reply
from kiosk_server.domain.errors import BadRequest, Forbidden, NotSignedIn, Refusal
from kiosk_server.domain.events import TerminalPaired, TerminalRetired
from kiosk_server.edge import failures, wire
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.guard import Allow, Guard
from kiosk_server.edge.guard_doors import ADMISSION
from kiosk_server.edge.identity import Caller, screen_of
from kiosk_server.edge.push import Entry, Push
from kiosk_server.edge.registry import OpenSocket, Registry
from kiosk_server.edge.sessions import Session
from kiosk_server.promise import Promise

log = logging.getLogger("kiosk.edge")
security_log = logging.getLogger("kiosk.security")

SPOKEN = ("command", "resync")
EVENTS = ("connect", "disconnect", *SPOKEN, "*")
"""Every event that a handler is registered for."""


class SocketServer(Protocol):
    """What this room needs of the transport's SocketIO. `server` is python-socketio's, below Flask."""

    server: Any

    def on_event(self, message: str, handler: Callable[..., Any]) -> None: ...


class Sockets:
    """All Socket.IO handlers.

    `hang_up(sid)` closes a connection for good, at once; `encoded(text)` is what the transport sends as it is.
    """

    def __init__(
        self,
        door: FrontDoor,
        registry: Registry,
        push: Push,
        hang_up: Callable[[str], None],
        encoded: Callable[[bytes], object],
    ) -> None:
        self._door = door
        self._registry = registry
        self._push = push
        self._hang_up = hang_up
        self._encoded = encoded

    def register(self, server: SocketServer) -> None:
        server.on_event("connect", self.connect)
        server.on_event("disconnect", self.disconnect)
        # These ask nothing of a Flask request, and making one up took a quarter of a scan's time: they are given the
        # socket's id instead. Door 4 stands before them as before all others.
        server.server.on("command", self._answering(self.command))
        server.server.on("resync", self._answering(self.resync))
        server.server.on("*", self.unknown)

    # -- handlers --

    def connect(self, auth: object = None) -> None:
        """Admit or refuse; a refusal carries the error shape in CONNECT_ERROR's data."""
        try:
            self._admit(wire.convert({} if auth is None else auth, wire.Auth))
        except Refusal as refusal:
            failure = failures.of_refusal(refusal)
        except Exception:
            log.exception("a connection could not be admitted")
            failure = failures.internal()
        else:
            return
        self._forget(_sid())
        self._door.metrics.refusals.labels(failure.code).inc()
        security_log.warning("socket refused", extra={"peer": request.remote_addr, "code": failure.code})
        self._door.porter.refusals.note("", request.remote_addr or "", "connect", failure.code)
        raise Refused(failure.message, failure.as_wire())

    def disconnect(self, *_reason: object) -> None:
        self._forget(_sid())

    def command(self, socket: OpenSocket, body: object = None, *_more: object) -> Promise[object]:
        """`{key, name, data}` -> the promise of the wire reply, kept after the commit."""
        key, command = wire.read_order(body)
        answer: Promise[object] = Promise()

        def settle(done: Promise[Reply]) -> None:
            error = done.exception()
            text = wire.encode(failures.internal().as_wire()) if error else wire.reply_as_text(done.result())
            answer.set_result(self._encoded(text))

        self._door.submit(command, socket.caller, key, socket.admission).add_done_callback(settle)
        return answer

    def resync(self, socket: OpenSocket, body: object = None, *_more: object) -> dict[str, object]:
        """`{seq}` -> `{events, seq}` or `{snapshot}`."""
        return self._door.screens.since(socket.caller.identity, wire.convert(body, wire.Resync).seq)

    def unknown(self, event: object = "", *_sid_and_more: object) -> dict[str, Any]:
        close = difflib.get_close_matches(str(event)[:64], SPOKEN, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return failures.of_refusal(
            BadRequest(f"This server understands the events command and resync.{hint} Nothing was done.")
        ).as_wire()

    # -- what other rooms ask for --

    def open_sockets(self) -> list[OpenSocket]:
        """Everybody who is connected now."""
        return self._registry.all()

    @property
    def open_count(self) -> int:
        return len(self._registry.all())

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """After a commit: the token of a retired or replaced terminal dies and its sockets close."""
        for entry in entries:
            if isinstance(entry.event, TerminalRetired):
                self._end_terminal(entry.event.terminal, "This terminal was taken out of service by the manager.")
            elif isinstance(entry.event, TerminalPaired):
                self._end_terminal(entry.event.terminal, "Another screen took the place of this one.")

    def on_trouble(self, trouble: str | None) -> None:
        """The store cannot be written (why), or can again (None): every screen says so."""
        for stream in {socket.stream for socket in self._registry.all()}:
            self._say_trouble(stream, trouble)

    def close_session(self, session: Session) -> None:
        """Somebody signed out, or was: their consoles close."""
        for socket in self._registry.of_session(session.session_hash):
            self._close(socket, "not_signed_in", "You were signed out.")

    def sweep(self) -> None:
        """Once a second: close sockets whose network or session is no longer welcome."""
        for socket in self._registry.all():
            session = socket.caller.session_hash
            if not is_welcome(self._door.guard, socket):
                self._close(socket, "forbidden", "This network is no longer allowed to reach the server.")
            elif session is not None and not self._door.identities.sessions.is_alive(session):
                self._close(socket, "not_signed_in", "You were signed out after 15 minutes without a touch.")

    def say_closing(self) -> None:
        """The server goes down: every screen says so and waits for it to come back."""
        for stream in {socket.stream for socket in self._registry.all()}:
            self._push.notice(stream, "closing", "The server is restarting. Everything is kept; please wait a moment.")

    # -- inside --

    def _end_terminal(self, terminal: str, message: str) -> None:
        self._door.identities.terminals.forget(terminal)
        for socket in self._registry.of_terminal(terminal):
            self._close(socket, "not_signed_in", message)

    def _admit(self, auth: wire.Auth) -> None:
        door = self._door
        caller = door.identities.identify(door.credentials(request, auth.token), auth.screen)
        if caller is None:
            raise NotSignedIn("This terminal is not enrolled here, or was taken out of service. Enrol it again.")
        screen = screen_of(caller.identity)
        if screen is None:
            raise Forbidden(f"{caller.identity.name} has no screen of its own.")
        door.check_network(request.remote_addr, caller.identity)
        admission = request.environ[ADMISSION]
        self._welcome(OpenSocket(_sid(), caller, screen, admission, door.clock.now_ms()), auth)

    def _welcome(self, socket: OpenSocket, auth: wire.Auth) -> None:
        # First into the stream, then the snapshot: what happens in between is in both, and the client drops the double.
        join_room(socket.stream)
        self._registry.add(socket)
        self._arrive(socket)
        self._check_again(socket.caller, auth)
        snapshot = self._door.screens.snapshot(socket.caller.identity)
        self._push.snapshot(socket.sid, snapshot)
        if self._door.bus.trouble:
            self._say_trouble(socket.sid, self._door.bus.trouble)
        if auth.build is not None and auth.build != snapshot.build:
            self._push.notice(socket.sid, "reload", "The screens were updated.", build=snapshot.build)

    def _say_trouble(self, to: str, trouble: str | None) -> None:
        if trouble is None:
            self._push.notice(to, "message", "Everything is saved again; go on.", code="writable")
        else:
            message = f"Nothing can be saved now: {trouble}. What is on the screen is kept; call the manager."
            self._push.notice(to, "message", message, code="read_only")

    def _arrive(self, socket: OpenSocket) -> None:
        self._door.metrics.connections.labels(socket.screen).inc()
        if socket.terminal:
            self._door.leases.arrive(socket.terminal)

    def _check_again(self, caller: Caller, auth: wire.Auth) -> None:
        # A terminal retired between the first look and the registry would keep a socket that nobody closes.
        again = self._door.identities.identify(self._door.credentials(request, auth.token), auth.screen)
        if again is None or again.identity != caller.identity:
            raise NotSignedIn("This terminal was taken out of service. Enrol it again.")

    def _forget(self, sid: str) -> None:
        socket = self._registry.remove(sid)
        if socket is None:
            return
        self._door.metrics.connections.labels(socket.screen).dec()
        if socket.terminal:
            self._door.leases.leave(socket.terminal)

    def _close(self, socket: OpenSocket, code: str, message: str) -> None:
        security_log.warning("socket closed", extra={"who": socket.caller.identity.name, "code": code})
        self._push.notice(socket.sid, "message", message, code=code)
        self._forget(socket.sid)  # what is on the way already counts no more, however long hanging up takes
        self._hang_up(socket.sid)

    def _answering(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Every packet: may this peer still speak, is it still somebody, and one shape for whatever goes wrong."""

        def answer(sid: str, *body: object) -> Any:
            try:
                return handler(self._speaker(sid), *body)
            except Refusal as refusal:
                return failures.of_refusal(refusal).as_wire()
            except Exception:
                log.exception("a socket event failed")
                return failures.internal().as_wire()

        return answer

    def _speaker(self, sid: str) -> OpenSocket:
        socket = self._registry.get(sid)
        if socket is None:
            raise NotSignedIn("This connection is closed. Connect again.")
        if not self._is_still_known(socket.caller):
            raise NotSignedIn("You were signed out after 15 minutes without a touch. Sign in again.")
        return socket

    def _is_still_known(self, caller: Caller) -> bool:
        return caller.session_hash is None or self._door.identities.sessions.touch(caller.session_hash) is not None


def is_welcome(guard: Guard, socket: OpenSocket) -> bool:
    """May the network of this socket still speak? Door 4 asks when it does; this asks for those who only listen."""
    generation, admission = guard.generation, socket.admission
    verdicts = [generation.peer(admission.peer)]
    if admission.is_forwarded:
        verdicts.append(generation.client(admission.client))
    zones = {socket.screen, socket.caller.identity.role.value}
    return all(isinstance(verdict, Allow) and all(map(verdict.permits, zones)) for verdict in verdicts)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # put there by Flask-SocketIO
