"""A server under test, in a thread."""

from __future__ import annotations

import threading
from typing import Any

from wire_client import Client, Raw, WebSocket

from kiosk_server.transport import Server, create_server


class Running:
    """A server that runs in a thread."""

    def __init__(self, app: Any, **options: Any) -> None:
        self.server: Server = create_server(app, **options)
        self.address = self.server.addresses[0]
        self.thread = threading.Thread(target=self.server.run, name="run")
        self.thread.start()

    @property
    def hub(self) -> Any:
        return self.server._hub

    def client(self, **headers: str | None) -> Client:
        return Client(self.address, **headers)

    def plain(self, path: str = "/echo", **headers: str | None) -> WebSocket:
        return WebSocket(self.address, path, **headers)

    def raw(self, data: bytes = b"", **options: Any) -> Raw:
        raw = Raw(self.address, **options)
        raw.send_raw(data)
        return raw

    def get(self, path: str = "/") -> int:
        with self.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) as raw:
            return raw.status()

    def stop(self) -> None:
        self.server.close()
        self.thread.join(10)
        assert not self.thread.is_alive()
