"""`SocketIO`: Flask-SocketIO's class over this transport."""

from __future__ import annotations

import threading
from typing import Any

import flask_socketio
from flask import Flask
from werkzeug._reloader import run_with_reloader
from werkzeug.debug import DebuggedApplication

from kiosk_server.transport.encoded import Encoded
from kiosk_server.transport.gathering import together
from kiosk_server.transport.rooms import LeanManager, adopt
from kiosk_server.transport.server import Server, create_server, run_until_terminated
from kiosk_server.transport.sockets import SocketServer


class SocketIO(flask_socketio.SocketIO):
    """Flask-SocketIO, served by `serve` or `create_server` without a thread for each client.

    Takes Flask-SocketIO's options, and `limits`; differs from it in this:

    - WebSocket only, unless `transports` names polling; pings every 2 s, 3 s to answer; messages up to 64 KiB.
    - The events of one client are handled one after the other, whatever `async_handlers` says.
    - A handler may return a `Promise`, or a Future: the ack goes out when that is kept, by the thread that keeps
      it. If it fails, that is logged and no ack is sent.
    - A handler, or its promise, may answer with `Encoded`: JSON that is sent as it is.
    - What a connect handler emits arrives after the answer to the connect, or not at all if it is refused.
    """

    server: SocketServer

    def init_app(self, app: Flask | None, **kwargs: Any) -> None:
        """Attach to a Flask application; options as for the constructor."""
        super().init_app(app, **kwargs)
        # Flask-SocketIO has built a server with the options worked out; ours takes its place before any client
        # can know it.
        options = dict(self.server_options)
        manager = options.pop("client_manager", None)
        options["client_manager"] = LeanManager() if manager is None else adopt(manager)
        self.server = SocketServer(**options)
        for message, handler, namespace in self.handlers:
            self.server.on(message, handler, namespace=namespace)
        for namespace_handler in self.namespace_handlers:
            self.server.register_namespace(namespace_handler)
        if app is not None:
            self.sockio_mw.engineio_app = self.server

    def emit_latest(
        self,
        event: str,
        data: Any,
        *,
        topic: object,
        to: Any = None,
        namespace: str = "/",
        skip_sid: Any = None,
    ) -> None:
        """Emit a value of which only the latest matters.

        For a client that keeps up this is `emit`. For one that does not, the value takes the place of the one on
        the same `topic` that still waits in its outbox, so a slow reader never has more than one a topic queued.
        With a message queue it stays in this process.
        """
        self.server.manager.emit_here(event, data, namespace, room=to, skip_sid=skip_sid, topic=(namespace, topic))

    together = staticmethod(together)

    def emit_encoded(self, event: str, text: bytes, *, to: str, namespace: str = "/") -> None:
        """Emit one argument that is UTF-8 JSON already. With a message queue it stays in this process."""
        self.server.manager.emit_encoded(event, Encoded(text), namespace, to)

    def run(self, app: Flask, host: str | None = None, port: int | None = None, **options: Any) -> None:
        """Serve the application until `stop`, an interrupt or SIGTERM.

        Takes Flask-SocketIO's options `debug`, `use_reloader`, `reloader_options` and `extra_files`, and those of
        `create_server`; `log_output` and `allow_unsafe_werkzeug` mean other servers, and are let pass.
        """
        for name in ("log_output", "allow_unsafe_werkzeug"):
            options.pop(name, None)
        app.debug = bool(options.pop("debug", app.debug))
        use_reloader = options.pop("use_reloader", app.debug)
        reloading = {"extra_files": options.pop("extra_files", None), **options.pop("reloader_options", {})}
        if app.debug:
            # Inside of the Socket.IO layer, whose answers are no pages.
            self.sockio_mw.wsgi_app = DebuggedApplication(self.sockio_mw.wsgi_app, evalex=True)
        if use_reloader:
            run_with_reloader(lambda: self._serve(app, host, port, options), **reloading)
        else:
            self._serve(app, host, port, options)

    def _serve(self, app: Flask, host: str | None, port: int | None, options: dict[str, Any]) -> None:
        if port is None:
            number = (app.config.get("SERVER_NAME") or "").rpartition(":")[2]
            port = int(number) if number.isdecimal() else 5000
        self.wsgi_server = create_server(app, host=host or "127.0.0.1", port=port, **options)
        run_until_terminated(self.wsgi_server)

    def stop(self) -> None:
        """End `run`; may be called in a handler."""
        server: Server | None = self.wsgi_server
        if server is not None:
            threading.Thread(target=server.drain, name="transport-stop", daemon=True).start()

    def _handle_event(self, handler: Any, message: Any, namespace: str, sid: str, *args: Any) -> Any:
        try:
            return super()._handle_event(handler, message, namespace, sid, *args)
        finally:
            # Werkzeug leaves each request in its environ, and ours lives as long as the client.
            environ = self.server.get_environ(sid, namespace=namespace)
            if environ is not None:
                environ.pop("werkzeug.request", None)
