"""A Socket.IO server that does, packet by packet, what its test says: the troubles that a good server hardly makes."""

import json
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage

PATIENCE_S = 30.0


class Peer:
    """One connected client, as its script sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._socket.settimeout(PATIENCE_S)
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._texts: list[str] = []

    def hears(self) -> str:
        """The next text frame."""
        while not self._texts:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the client hung up")
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                if isinstance(event, Request):
                    self._socket.sendall(self._protocol.send(AcceptConnection()))
                elif isinstance(event, TextMessage):
                    self._texts.append(event.data)
        return self._texts.pop(0)

    def says(self, text: str) -> None:
        self._socket.sendall(self._protocol.send(TextMessage(data=text)))

    # -- Socket.IO on top --

    def welcomes(self, seq: int = 0, *, ping_interval_ms: int = 25_000) -> dict[str, Any]:
        """The handshake up to the snapshot; what the client said of itself."""
        self._open(ping_interval_ms)
        auth: dict[str, Any] = json.loads(self.hears().removeprefix("40"))
        self.says('40{"sid":"b"}')
        self.snapshot(seq)
        return auth

    def refuses(self, code: str) -> None:
        self._open(25_000)
        self.hears()
        self.says("44" + json.dumps({"message": "no", "data": {"ok": False, "code": code, "message": "no"}}))

    def _open(self, ping_interval_ms: int) -> None:
        while self._protocol.state.name != "OPEN":
            self._accept()
        self.says("0" + json.dumps({"sid": "a", "pingInterval": ping_interval_ms, "pingTimeout": 500}))

    def _accept(self) -> None:
        self._protocol.receive_data(self._socket.recv(65536))
        for event in self._protocol.events():
            if isinstance(event, Request):
                self._socket.sendall(self._protocol.send(AcceptConnection()))

    def snapshot(self, seq: int) -> None:
        body = {"seq": seq, "screen": "lane", "state": {"terminal": {"name": "L1", "state": "attract"}}, "now": 0}
        self.says("42" + json.dumps(["snapshot", body]))

    def event(self, seq: int, prev: int) -> None:
        body = {"seq": seq, "prev": prev, "at": 0, "type": f"happened_{seq}", "data": {}}
        self.says("42" + json.dumps(["event", body]))

    def asked(self) -> tuple[int, str, dict[str, Any]]:
        """The next event that wants an acknowledgement: its number, name and body."""
        text = self.hears()
        number, bracket, rest = text.removeprefix("42").partition("[")
        name, body = json.loads(bracket + rest)
        return int(number), name, body

    def acknowledges(self, number: int, body: object) -> None:
        self.says(f"43{number}{json.dumps([body])}")

    def hangs_up(self) -> None:
        self._socket.close()


class DifficultServer:
    """Serves one script after another, one connection each; a script that failed is raised by `close`."""

    def __init__(self, *scripts: Callable[[Peer], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self._failures: queue.SimpleQueue[BaseException] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, args=(scripts,), daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread.start()

    def _serve(self, scripts: tuple[Callable[[Peer], None], ...]) -> None:
        try:
            for script in scripts:
                sock, _ = self._listener.accept()
                with sock:
                    script(Peer(sock))
        except BaseException as failure:  # noqa: BLE001 - it is raised again in the test
            self._failures.put(failure)

    def close(self) -> None:
        self._thread.join(PATIENCE_S)
        self._listener.close()
        if not self._failures.empty():
            raise self._failures.get()
