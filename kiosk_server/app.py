"""The whole house in one place: `create_app(config)` builds every floor and hangs the guard outermost.

    guard (outermost)  ->  Socket.IO  ->  Flask: screens, API  ->  bus  ->  store
    store  ->  bus (after commit)  ->  push, revocation, hardware

Nothing else composes anything, and nothing here is global: two applications in one process share no state.
"""

import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from flask import Flask

from kiosk_server import __version__, structs
from kiosk_server.addresses import CustomersWay
from kiosk_server.config import Config, load
from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import Clock, SystemClock
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.terminal import Terminal
from kiosk_server.edge import (
    access,
    administration,
    api,
    cards,
    display,
    entrance,
    failures,
    goods,
    health,
    inquiries,
    kitchen,
    lane,
    manager,
    oversight,
    pairs,
    printers,
    pump,
    receipts,
    scales,
    service,
    stall,
    system,
    welcome,
)
from kiosk_server.edge.administration import MANAGER_BY_CODE
from kiosk_server.edge.codes import Purpose, SignInCodes
from kiosk_server.edge.door import EdgeSettings, FrontDoor, Rates
from kiosk_server.edge.guard import Guard, GuardSettings
from kiosk_server.edge.guard_doors import OuterDoor, hang_on_packets
from kiosk_server.edge.guard_screens import ScreenDoor
from kiosk_server.edge.identity import Identities, TerminalTokens
from kiosk_server.edge.metrics import Metrics, house_rows
from kiosk_server.edge.porter import Porter
from kiosk_server.edge.presence import Leases
from kiosk_server.edge.push import Push
from kiosk_server.edge.rates import Buckets, Rate
from kiosk_server.edge.registry import Registry
from kiosk_server.edge.screens import Screens
from kiosk_server.edge.sessions import Sessions
from kiosk_server.edge.shell import Shell
from kiosk_server.edge.sockets import EVENTS, Sockets
from kiosk_server.hardware.printers import PrintRoom
from kiosk_server.machines import Machines, machines_of
from kiosk_server.store import queries
from kiosk_server.store.db import Database
from kiosk_server.transport import Encoded, Limits, SocketIO

log = logging.getLogger("kiosk.app")

PACKAGE = Path(__file__).parent
MAX_BODY_BYTES = 1024 * 1024
SWEEP_S = 0.5

# Door 3: which zone of the settings each room belongs to. None: open to everybody the guard lets in.
ZONES: Final = MappingProxyType(
    {
        "lane": "lane",
        "stall": "stall",
        "pump": "pump",
        "kitchen": "kitchen",
        "kitchen.pickup": "pickup",
        "display": "display",
        "manager": "manager",
        "receipts": None,  # a customer's phone may be anywhere in the house; the link is the key
        "inquiries": None,  # by the caller's role, in FrontDoor.require
        "printers": None,  # by the caller's role, in FrontDoor.require
        "cards": None,  # likewise
        "scales": None,  # likewise
        "service": "lane",
        "api": None,  # by the caller's role, in FrontDoor.require
        "goods": None,  # by the caller's role and terminal, in FrontDoor.require
        "administration": None,  # this machine only, by its token
        "oversight": None,  # likewise
        "entrance": None,
        "welcome": None,
        "pairs": None,
        "health": None,
        "system": None,  # by the caller's role, in FrontDoor.require
        "static": None,
    }
)


@dataclass(eq=False, kw_only=True)
class Kiosk:
    """One running house: what `serve`, the demo and tests need of it. Found in `app.extensions["kiosk"]`.

    `local_token` opens everything, from this machine only; it is a new one each start.
    """

    policy: Policy
    clock: Clock
    database: Database
    bus: Bus
    guard: Guard
    socketio: SocketIO
    identities: Identities
    shell: Shell
    sockets: Sockets
    push: Push
    leases: Leases
    machines: Machines
    metrics: Metrics
    porter: Porter
    customers_way: CustomersWay
    local_token: str = field(repr=False)
    server: Any = None
    _capped: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)
    _sweeper: threading.Thread | None = None

    def start(self) -> None:
        """Begin to take commands and to tell of them."""
        # First the dead tokens, then the news: nobody may act on an event with a token that it ended.
        for screens in (self.sockets.on_entries, self.porter.on_entries, self.push.publish):
            self.bus.subscribe(screens, is_screen=True)
        self.bus.publisher.together = self.socketio.together
        self.machines.hear(self.bus)
        self.bus.watch(self.sockets.on_trouble)
        self.bus.start()
        self.porter.start()
        self.machines.start(self.database)
        self.guard.start()
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        self._sweeper.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End everything in the order of the journey, within about `timeout_s`; a second call does nothing."""
        if self._is_over.is_set():
            return
        self._is_over.set()
        ends_s = time.monotonic() + timeout_s
        self.say_closing()
        if self._sweeper is not None:
            self._sweeper.join(timeout_s)
        self.guard.stop()
        self.porter.stop()
        self.machines.stop(max(0.1, ends_s - time.monotonic()))
        if not self.bus.stop(max(0.1, ends_s - time.monotonic())):
            log.error("commands were still being done when the time to stop was over")
        self.database.close()

    def accept_gate(self, peer: object) -> bool:
        """Door 1, for the transport."""
        return self.guard.accept_gate(peer)

    def network_reload(self) -> None:
        """Read the interfaces again (SIGHUP)."""
        self.guard.refresh()

    def listening(self, addresses: list[tuple[str, int]], server: Any = None) -> None:
        """The transport is bound; with its server, `/metrics` also tells of dropped connections."""
        log.debug("bound", extra={"addresses": addresses})
        self.customers_way.bind(addresses)
        self.server = server

    def first_code(self) -> str:
        """A one-time code that signs a manager in."""
        return self.identities.codes.issue(MANAGER_BY_CODE)

    def welcome_code(self) -> str | None:
        """A one-time code that makes the first owner; None where there is one, and in a demo store."""
        if self.policy.is_demo or self.porter.has_owner:
            return None
        return self.identities.codes.issue(MANAGER_BY_CODE, Purpose.WELCOME)

    def say_closing(self) -> None:
        self.sockets.say_closing()

    @property
    def printers(self) -> PrintRoom:
        return self.machines.printers

    @property
    def build(self) -> str:
        return self.shell.build

    def _note_caps(self) -> None:
        """Whom the transport closed at once for having too many connections: it counts them, without addresses."""
        reason = "connections per address"
        capped = self.server.stats().refused.get(reason, 0) if self.server is not None else 0
        if capped > self._capped:
            self.porter.refusals.note("", "", reason, "too_many", capped - self._capped)
        self._capped = capped

    def _sweep(self) -> None:
        while not self._is_over.wait(SWEEP_S):
            try:
                self.leases.sweep()
                self.sockets.sweep()
                self._note_caps()
                self.porter.sweep()
            except Exception:  # the next half second is another chance; a dead sweeper would be none
                log.exception("the sweep of the sockets failed")


def create_app(config: Config | None = None, *, clock: Clock | None = None) -> Flask:
    """The application, running: the store is open and locked, the bus takes commands.

    Without `config` (as `flask --app kiosk_server.app` calls it) the usual files and the environment are read.
    Raises StoreInUse and the store's other faults; then nothing is left open.
    """
    config = config or load()
    structs.prepare()
    database = Database(config.store_path, backups=config.backup_path)
    database.open()
    try:
        app = _build(config, database, clock or SystemClock())
    except BaseException:
        database.close()
        raise
    kiosk: Kiosk = app.extensions["kiosk"]
    try:
        kiosk.start()
    except BaseException:
        kiosk.stop()
        raise
    return app


def _build(config: Config, database: Database, clock: Clock) -> Flask:
    app = Flask("kiosk_server", root_path=str(PACKAGE))
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_PARTS=50, PROPAGATE_EXCEPTIONS=False)
    guard = Guard(guard_settings(config))
    bus = Bus(database, config.policy, clock, handlers=HANDLERS, roles=ROLES, queue_limit=config.limits.queue)
    # The transport brings its own driver; Flask's sessions are not used, so it need not keep copies of them.
    socketio = SocketIO(app, limits=_socket_limits(config), manage_session=False, async_handlers=False)
    registry = Registry()
    push = Push(socketio, registry, bus.head_seq)
    leases = Leases(clock.now_ms, clock.monotonic_s, push.presence)
    shell = Shell(PACKAGE / "static", __version__)
    identities = _identities(database, clock)
    porter = Porter(bus, database, clock, identities, guard)
    porter.pairings.tell = push.pairings
    customers_way = CustomersWay(config.receipt.base_url, config.public_names)
    door = FrontDoor(
        settings=EdgeSettings(config.policy, config.data_path, config.metrics_public, customers_way),
        bus=bus,
        database=database,
        clock=clock,
        identities=identities,
        leases=leases,
        screens=Screens(
            database,
            config.policy,
            clock,
            leases.online,
            lambda: shell.build,
            porter.pairings.waiting,
            leases.seen,
            lambda terminal: porter.scales(terminal),  # noqa: PLW0108 - whose it is, is set later
        ),
        shell=shell,
        rates=_rates(config, clock),
        metrics=Metrics(),
        guard=guard,
        porter=porter,
    )
    sockets = Sockets(door, registry, push, lambda sid: _hang_up(socketio, sid), Encoded)
    porter.close = sockets.close_session
    kiosk = Kiosk(
        policy=config.policy,
        clock=clock,
        database=database,
        bus=bus,
        guard=guard,
        socketio=socketio,
        identities=door.identities,
        shell=shell,
        sockets=sockets,
        push=push,
        leases=leases,
        machines=machines_of(
            config,
            database,
            bus,
            clock,
            live=push.fuel,
            tell_scales=push.scales,
            tell_lights=push.lights,
            base_url=customers_way,
        ),
        metrics=door.metrics,
        porter=porter,
        customers_way=customers_way,
        local_token=door.identities.local_token,
    )
    porter.scales = kiosk.machines.scales.scales
    _furnish(app, door, sockets, kiosk.machines)
    sockets.register(socketio)
    for row in house_rows(bus, guard, database, clock, lambda: kiosk.server.stats().closed if kiosk.server else {}):
        kiosk.metrics.read(row)
    _hang_doors(app, socketio, door)
    guard.on_change(sockets.sweep)
    app.extensions["kiosk"] = kiosk
    return app


def _furnish(app: Flask, door: FrontDoor, sockets: Sockets, machines: Machines) -> None:
    """Every room of the edge, and what all of its pages share."""
    screens = (lane, stall, pump, kitchen, display, manager)
    for room in (*screens, receipts, api, goods, service, system, administration, entrance, welcome, pairs, health):
        app.register_blueprint(room.blueprint(door))
    app.register_blueprint(oversight.blueprint(door, sockets.open_sockets))
    app.register_blueprint(inquiries.blueprint(door))
    app.register_blueprint(printers.blueprint(door, machines.printers))
    app.register_blueprint(cards.blueprint(door, machines.readers))
    app.register_blueprint(scales.blueprint(door, machines.scales))
    access.install(app, door)
    failures.install(app)
    app.context_processor(lambda: {"store_name": door.settings.policy.store_name, "pages": door.shell.bundle("pages")})


def _hang_doors(app: Flask, socketio: SocketIO, door: FrontDoor) -> None:
    """The guard's doors 2 to 4 (door 1 is Kiosk.accept_gate). After everything else, so that nothing stands outside."""
    guard, refusals = door.guard, door.porter.refusals
    ScreenDoor(guard, ZONES, socket_events=EVENTS).hang(app)
    hang_on_packets(socketio.server, guard)
    app.wsgi_app = OuterDoor(  # type: ignore[method-assign]
        app.wsgi_app, guard, note=lambda client, status: refusals.note("", client, "handshake", access.REFUSALS[status])
    )


def guard_settings(config: Config) -> GuardSettings:
    """What the settings tell the guard. Raises GuardError for what it cannot keep."""
    network = config.network
    return GuardSettings.parse(
        mode=config.mode,
        allow=network.allow,
        deny=network.deny,
        zones=network.zones,
        ipv6_ula=network.ipv6_ula,
        ipv6_link_local=network.ipv6_link_local,
        trusted_proxies=network.trusted_proxies,
        hosts=config.public_names,
    )


def _socket_limits(config: Config) -> Limits:
    return Limits(ping_interval_s=config.limits.ping_interval_s, ping_timeout_s=config.limits.ping_timeout_s)


def _identities(database: Database, clock: Clock) -> Identities:
    def look_up(token_hash: str) -> Terminal | None:
        with database.read() as connection:
            return queries.terminal_by_token_hash(connection, token_hash)

    return Identities(
        TerminalTokens(look_up),
        Sessions(clock.monotonic_s),
        SignInCodes(clock.monotonic_s),
        secrets.token_urlsafe(32),
    )


def _rates(config: Config, clock: Clock) -> Rates:
    per_s = config.limits.commands_per_s
    return Rates(
        commands=Buckets(Rate(burst=per_s * 4, per_s=per_s), clock.monotonic_s),
        tries=Buckets(Rate(burst=10, per_s=0.1), clock.monotonic_s),
        looks=Buckets(Rate(burst=10, per_s=0.1), clock.monotonic_s),
        links=Buckets(Rate(burst=30, per_s=0.1), clock.monotonic_s),
        probes=Buckets(Rate(burst=10, per_s=1), clock.monotonic_s),
    )


def _hang_up(socketio: SocketIO, sid: str) -> None:
    eio_sid = socketio.server.manager.eio_sid_from_sid(sid, "/")
    if eio_sid is not None:
        socketio.server.eio.disconnect(eio_sid)
