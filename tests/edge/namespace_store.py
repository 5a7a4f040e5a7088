"""A store in a network of its own, a small one or the real house: run by `unshare -Urn`, spoken to in JSON lines.

Its loopback interface has public and private addresses, so that real TCP connections come from them and nothing ever
leaves the namespace. The parent asks for one thing a line and gets one line back.
"""

import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import websocket
from flask import Flask, request

from kiosk_server.app import create_app
from kiosk_server.config import Config, NetworkConfig
from kiosk_server.edge.guard import Guard, GuardSettings
from kiosk_server.edge.guard_doors import OuterDoor, hang_on_packets
from kiosk_server.edge.guard_explain import explain
from kiosk_server.edge.guard_screens import ScreenDoor, walk_rules
from kiosk_server.transport import Limits, SocketIO, create_server

PORT = 8080
ADDRESSES = (
    *("8.8.8.8/32", "10.0.0.7/24", "10.0.0.1/24", "192.168.1.9/24", "192.168.1.2/24", "172.16.3.4/16", "100.64.0.9/32"),
    *("169.254.7.7/16", "192.0.2.5/32", "172.32.0.1/32", "fd00::7/64", "fd00::1/64", "2001:db8::5/128", "fe80::7/64"),
)
ZONES = {"index": None, "static": None, "manager": "manager", "write": None, "fail": None, "form": None}


def ip(*args: str) -> None:
    subprocess.run(["ip", *args], check=True, capture_output=True, text=True)


def build_app(guard: Guard) -> tuple[Flask, SocketIO]:
    app = Flask("namespace_store", static_folder=sys.argv[2], static_url_path="/static")
    socketio = SocketIO()

    @app.get("/")
    def index() -> str:
        return f"{request.remote_addr} {request.scheme} {request.host}"

    @app.get("/manager")
    def manager() -> str:
        return "the console"

    @app.post("/write")
    def write() -> str:
        return "written"

    @app.get("/fail")
    def fail() -> str:
        raise RuntimeError("a fault in a view")

    @app.get("/form")
    def form() -> str:
        return app.jinja_env.globals["csrf_token"]()

    @socketio.on("connect")
    def connect(auth: object = None) -> None: ...

    @socketio.on("ask")
    def ask(body: object = None) -> dict[str, object]:
        return {"peer": request.remote_addr}

    socketio.init_app(app)
    ScreenDoor(guard, ZONES, socket_events=("connect", "ask")).hang(app)
    hang_on_packets(socketio.server, guard)
    app.wsgi_app = OuterDoor(app.wsgi_app, guard)
    return app, socketio


class Store:
    def __init__(self, settings: dict[str, object]) -> None:
        ip("link", "set", "lo", "up")
        for address in ADDRESSES:
            ip("addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
        house = settings.pop("house", None)
        if house is None:
            self.guard = Guard(GuardSettings.parse(**settings))
            self.app, self.socketio = build_app(self.guard)
        else:
            self.app = create_app(Config(data_dir=Path(str(house)), mode="lan", network=NetworkConfig(**settings)))
            kiosk = self.app.extensions["kiosk"]
            self.guard, self.socketio = kiosk.guard, kiosk.socketio
        listening = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
        limits = Limits(connections_per_address=64, handshakes_per_address_s=1000, http_threads=4)
        self.server = create_server(
            self.app,
            sockets=[listening],
            accept_gate=self.guard.accept_gate,
            limits=limits,
            clear_untrusted_proxy_headers=False,  # whom to believe is the guard's question
        )
        self.kept: dict[str, http.client.HTTPConnection] = {}
        self.sockets: dict[str, websocket.WebSocket] = {}
        self.proxy: subprocess.Popen[bytes] | None = None
        self.tls = ssl.create_default_context()
        threading.Thread(target=self.server.run, daemon=True).start()

    def connect(self, source: str, to: str, port: int = PORT, tls_name: str | None = None) -> socket.socket:
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        sock = socket.socket(family)
        sock.settimeout(5)
        scope = (0, socket.if_nametoindex("lo")) if source.startswith("fe80") else ()
        sock.bind((source, 0, *scope))
        sock.connect((to, port, *scope))
        return sock if tls_name is None else self.tls.wrap_socket(sock, server_hostname=tls_name)

    def http(self, source: str, to: str, text: str, port: int = PORT, tls_name: str | None = None) -> str:
        """What comes back for these bytes, "" for a connection that is closed without an answer."""
        try:
            with self.connect(source, to, port, tls_name) as sock:
                sock.sendall(text.encode("latin-1"))
                received = b""
                while chunk := sock.recv(65536):
                    received += chunk
                return received.decode("latin-1")
        except (ConnectionError, ssl.SSLError):
            return ""

    def keep(self, name: str, source: str, to: str) -> None:
        """Hold a connection open for several requests."""
        self.kept[name] = http.client.HTTPConnection(to, PORT, timeout=30)
        self.kept[name].sock = self.connect(source, to)

    def again(self, name: str, path: str) -> int:
        """The status of one more request on it, 0 when it is closed."""
        try:
            self.kept[name].request("GET", path)
            answer = self.kept[name].getresponse()
            answer.read()
        except (ConnectionError, http.client.HTTPException):
            return 0
        return answer.status

    def open(
        self, name: str, source: str, to: str, headers: list[str], origin: str | None, tls_name: str | None = None
    ) -> object:
        """Open a WebSocket: its first letter, the status of a refusal, or 0 for a connection closed without one."""
        url = f"wss://{tls_name}" if tls_name else f"ws://{to}:{PORT}"
        try:
            sock = websocket.create_connection(
                f"{url}/socket.io/?EIO=4&transport=websocket",
                socket=self.connect(source, to, 443 if tls_name else PORT, tls_name),
                header=headers,
                suppress_origin=origin is None,
                **({} if origin is None else {"origin": origin}),
            )
        except websocket.WebSocketBadStatusException as error:
            return error.status_code
        except (websocket.WebSocketException, ConnectionError, ssl.SSLError):
            return 0
        self.sockets[name] = sock
        return sock.recv()[:1]

    def say(self, name: str, text: str) -> str | None:
        """Send a frame; the next answer that is no ping, or None when the connection ends."""
        try:
            self.sockets[name].send(text)
            while (answer := self.sockets[name].recv()) == "2":
                self.sockets[name].send("3")
        except (websocket.WebSocketException, ConnectionError):
            return None
        return answer or None

    def ip(self, *args: str) -> None:
        ip(*args)

    def nginx(self, program: str, configuration: str, certificate: str) -> bool:
        """Start nginx in this namespace; back when it listens."""
        self.tls.load_verify_locations(certificate)
        self.proxy = subprocess.Popen([program, "-c", configuration, "-p", str(Path(configuration).parent)])
        for _ in range(200):
            try:
                self.connect("127.0.0.1", "127.0.0.1", 443).close()
            except ConnectionError:
                if self.proxy.poll() is not None:
                    return False
                time.sleep(0.02)  # it tells nobody when it is ready
            else:
                return True
        return False

    def refresh(self) -> None:
        self.guard.refresh()

    def start(self) -> None:
        self.guard.start()

    def nudge_and_wait(self) -> bool:
        """As SIGHUP does; back when the guard has taken the change over."""
        changed = threading.Event()
        self.guard.on_change(changed.set)
        self.guard.nudge()
        return changed.wait(10)

    def order(self, name: str, *args: object) -> None:
        getattr(self.guard, name)(*args)

    def settings(self, settings: dict[str, object]) -> None:
        self.guard.change_settings(GuardSettings.parse(**settings))

    def drops(self) -> list[list[object]]:
        return [[row.address, row.reason, row.door, row.count] for row in self.guard.drops.last()]

    def explain(self, *args: str) -> dict[str, object]:
        answer = explain(self.guard, *args)
        return {"in": answer.would_get_in, "networks": [[row.network, row.why] for row in answer.networks]}

    def routes(self) -> list[list[str]]:
        """Every method and path of the application, with something in place of what varies."""
        found = []
        for rule in self.app.url_map.iter_rules():
            path = re.sub(r"<(int:)?[^>]*>", lambda match: "7" if match[1] else "some", rule.rule)
            found += [[method, path] for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
        return found

    def walk(self) -> list[str]:
        return walk_rules(self.app, self.socketio.server)


def tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    store = Store(json.loads(sys.argv[1]))
    tell("ready")
    for line in sys.stdin:
        name, *args = json.loads(line)
        try:
            answer = getattr(store, name)(*args)
        except Exception as error:  # noqa: BLE001 - told to the parent, whose test then fails
            answer = {"error": repr(error)}
        tell(answer)
    if store.proxy is not None:
        store.proxy.terminate()
        store.proxy.wait()


if __name__ == "__main__":
    main()
