"""Where the command line gives its orders: to the running server if there is one, else to the store itself.

Both ways the same commands go through the same bus, so nothing can be done here that leaves no event behind.
"""

import http.client
import json
import secrets
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec

from kiosk_server.addresses import is_loopback_url, private_addresses, reachable_urls
from kiosk_server.cli.exits import BAD_DATA, NO_INPUT, SOFTWARE, TRY_LATER, Stop
from kiosk_server.cli.options import hint
from kiosk_server.cli.ownership import give_back
from kiosk_server.config import Config
from kiosk_server.domain.commands import FILLED_IN, AddStaff, Command, ImportItems, ImportPromotions
from kiosk_server.domain.errors import Refusal
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.note import ServerNote, read_note
from kiosk_server.store.db import Database

PATIENCE_S = 60.0
# 127.0.0.1 may be a trusted proxy (nginx on this box), of which a forwarded address is expected; its neighbour is not.
APART = ("127.0.0.2", 0)
RETRY_CODES = frozenset({"busy", "read_only", "too_many"})


class Office(Protocol):
    """Takes orders. `url` is where terminals reach the server, now or when it is started."""

    url: str

    def give(self, command: Command) -> dict[str, Any]:
        """The result of the command; raises Stop with the refusal."""


@contextmanager
def open_office(config: Config) -> Iterator[Office]:
    """The running server's, or our own for as long as the context lasts."""
    note = running_server(config)
    if note is not None:
        yield ServerOffice(note, config.data_path)
        return
    from kiosk_server.core.bus import Bus  # noqa: PLC0415
    from kiosk_server.core.clock import SystemClock  # noqa: PLC0415
    from kiosk_server.core.handlers import HANDLERS, ROLES  # noqa: PLC0415

    database = Database(config.store_path, backups=config.backup_path)
    database.open()
    try:
        bus = Bus(database, config.policy, SystemClock(), handlers=HANDLERS, roles=ROLES)
        bus.start()
        try:
            yield OwnOffice(bus, reachable_urls(config.addresses, private_addresses(), config.public_names)[0])
        finally:
            bus.stop(PATIENCE_S)
    finally:
        database.close()


@contextmanager
def reading(config: Config) -> Iterator[Database]:
    """The store, only for reading: beside a running server or without one."""
    if not config.store_path.exists():
        raise Stop(
            f"There is no store in {config.data_path} yet. `{hint(config, 'serve')}` makes one; "
            "if it lies elsewhere, name it with --data-dir or KIOSK_DATA_DIR.",
            NO_INPUT,
        )
    database = Database(config.store_path, backups=config.backup_path)
    database.open_readonly()
    try:
        yield database
    finally:
        database.close()


def running_server(config: Config) -> ServerNote | None:
    """The note of the server that runs on this store, if one answers."""
    note = read_note(config.data_path)
    if note is None or not Path(f"/proc/{note.pid}").exists():
        return None  # it was killed, and somebody else may have its port by now
    try:
        _ask(note, "GET", "/healthz")
    except OSError:
        return None
    return note


def _ask(note: ServerNote, method: str, path: str, body: object = None) -> dict[str, Any]:
    """The JSON of the answer, whatever its status. Raises OSError when there is none.

    Straight to the address, never through a proxy of the environment: the token would travel with it.
    """
    where = urllib.parse.urlsplit(note.url)
    host = where.hostname or ""
    connection = http.client.HTTPConnection(
        host, where.port, timeout=PATIENCE_S, source_address=APART if host.startswith("127.") else None
    )
    headers = {"Authorization": f"Bearer {note.token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else msgspec.json.encode(body), headers)
        answer = connection.getresponse()
        text = answer.read()
    except http.client.RemoteDisconnected as error:
        raise OSError("it ended the connection without a word, as a server does that is killed") from error
    except http.client.HTTPException as error:
        raise OSError(f"what answers at {note.url} is no web server ({type(error).__name__})") from error
    finally:
        connection.close()
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict) and (answer.status < http.HTTPStatus.BAD_REQUEST or "message" in found):
        return {"ok": answer.status < http.HTTPStatus.BAD_REQUEST} | found
    return {"ok": False, "code": "internal", "message": f"The server answered {answer.status} {answer.reason}."}


class ServerOffice:
    """The running server, over its HTTP door, with the token that only this machine's owner can read."""

    def __init__(self, note: ServerNote, data_path: Path) -> None:
        self.note = note
        self.url = next((url for url in note.urls if not is_loopback_url(url)), note.url)
        self._data_path = data_path
        self._staged = data_path / "staged"

    def give(self, command: Command) -> dict[str, Any]:
        key = secrets.token_hex(16)
        if isinstance(command, ImportItems):
            return self._import("/api/v1/catalog/import", command.items, {"key": key, "source": command.source})
        if isinstance(command, ImportPromotions):
            order = {"key": key, "source": command.source, "is_all": command.is_all}
            return self._import("/api/v1/promotions/import", command.promotions, order)
        hidden = FILLED_IN.of(type(command))
        fields = {name: value for name, value in msgspec.to_builtins(command).items() if name not in hidden}
        return self.post("/api/v1/commands", {"key": key, "name": fields.pop("name"), "data": fields})

    def _import(self, path: str, rows: tuple[msgspec.Struct, ...], order: dict[str, Any]) -> dict[str, Any]:
        """Too much for a request: it is staged in the data directory, and the order names it."""
        self._staged.mkdir(mode=0o700, exist_ok=True)
        batch = self._staged / f"{order['key']}.json"
        batch.write_bytes(msgspec.json.encode(rows))
        batch.chmod(0o600)
        give_back(self._data_path)
        try:
            return self.post(path, order | {"batch": batch.name})
        finally:
            batch.unlink(missing_ok=True)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The `result` of the answer; raises Stop with the refusal."""
        try:
            answer = _ask(self.note, "POST", path, body)
        except OSError as error:
            raise Stop(
                f"The server (process {self.note.pid}) did not answer: {error}. It may or may not have done it; look "
                "before you try again.",
                TRY_LATER,
            ) from error
        return _result(answer)


class OwnOffice:
    """The store of a stopped server, opened by us; a server that starts meanwhile is told who has it."""

    def __init__(self, bus: Any, url: str) -> None:
        self._bus = bus
        self.url = url

    def give(self, command: Command) -> dict[str, Any]:
        local = Identity(name="command line", role=Role.LOCAL)
        if isinstance(command, AddStaff):
            command = _sealed(command)
        reply = self._bus.submit(command, local, secrets.token_hex(16)).result(PATIENCE_S)
        return _result(msgspec.to_builtins(reply))


def _sealed(command: AddStaff) -> AddStaff:
    """As the front door of a running server does it: the writer gets the hash alone."""
    from kiosk_server.edge.passwords import Hasher  # noqa: PLC0415 - a third of a second that other commands do not need
    from kiosk_server.edge.sealing import seal_secret  # noqa: PLC0415

    hasher = Hasher()
    try:
        sealed = seal_secret(hasher, command.secret, command.role, command.person, secrets.token_hex(16))
    except Refusal as refusal:
        raise Stop(refusal.message, BAD_DATA) from refusal
    finally:
        hasher.stop()
    return msgspec.structs.replace(command, secret="", sealed=sealed)


def _result(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("ok"):
        return answer.get("result") or {}
    code = str(answer.get("code", "internal"))
    exit_code = TRY_LATER if code in RETRY_CODES else SOFTWARE if code == "internal" else BAD_DATA
    raise Stop(str(answer.get("message")), exit_code)
