"""The limit: a loop of `sock.send` over sockets that a client believes to be Socket.IO.

It shakes hands with fixed bytes, ignores what it is sent, and answers /broadcast by sending one
frame to every socket from one thread: what no Python server can beat without other system calls.
"""

import selectors
import socket
import sys
import threading
import time

from benchmarks.peers.flask_app import state

ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # of the one key that the load uses; RFC 6455, 1.3
UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def frame(text: str) -> bytes:
    """One unmasked text frame of less than 64 KiB."""
    size = len(text)
    head = bytes((0x81, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")
    return head + text.encode()


OPENED = frame('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}')
CONNECTED = frame('40{"sid":"x"}')


class Bare:
    """All sockets of the process; `clients` are those that were upgraded."""

    def __init__(self, port: int) -> None:
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.clients: set[socket.socket] = set()

    def broadcast(self) -> None:
        """The loop that is measured."""
        made = state()
        data = frame(f'42["state",{{"t":"{made["t"]}","pad":"{made["pad"]}"}}]')
        for client in self.clients:
            client.send(data)

    def run(self) -> None:
        """Accepts, upgrades and answers, for ever."""
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    sock, _ = self.listener.accept()
                    sock.setblocking(False)
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.selector.register(sock, selectors.EVENT_READ)
                elif isinstance(key.fileobj, socket.socket):
                    self.serve(key.fileobj)

    def serve(self, sock: socket.socket) -> None:
        """One read of one socket."""
        try:
            data = sock.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.close(sock)
        elif data.startswith(b"GET /socket.io/"):
            sock.send(UPGRADED + OPENED)
        elif data.startswith(b"GET "):
            self.answer(data.split(b" ")[1].decode())
            sock.send(ANSWER)
            self.close(sock)
        elif sock not in self.clients:
            sock.send(CONNECTED)
            self.clients.add(sock)

    def answer(self, target: str) -> None:
        """The two requests that do something."""
        if target == "/broadcast":
            self.broadcast()
        elif target.startswith("/push?"):
            wanted = dict(part.split("=") for part in target[6:].split("&"))
            arguments = (float(wanted["seconds"]), float(wanted["hertz"]))
            threading.Thread(target=self.keep_pushing, args=arguments, daemon=True).start()

    def keep_pushing(self, seconds: float, hertz: float) -> None:
        """Broadcasts at a steady rate."""
        began = time.monotonic()
        for i in range(int(seconds * hertz)):
            time.sleep(max(0.0, began + i / hertz - time.monotonic()))
            self.broadcast()

    def close(self, sock: socket.socket) -> None:
        """Forgets one socket."""
        self.clients.discard(sock)
        self.selector.unregister(sock)
        sock.close()


if __name__ == "__main__":
    Bare(int(sys.argv[1])).run()
