"""What every room of the edge is handed, and what it may ask of the current request.

One `FrontDoor` is made by `app.py` and given to each blueprint; nothing here is global.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from flask import Request, g, has_request_context, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk_server.core.bus import Bus, Reply
from kiosk_server.core.clock import Clock
from kiosk_server.domain.commands import Command, ConfirmPairing, StopAllPumps, StopPump
from kiosk_server.domain.errors import Forbidden, NotSignedIn, Refusal
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge import wire
from kiosk_server.edge.guard import Guard
from kiosk_server.edge.guard_screens import FORM_COOKIE
from kiosk_server.edge.guard_settings import ZONES
from kiosk_server.edge.headers import bearer_of
from kiosk_server.edge.identity import Caller, Credentials, Identities, screen_of
from kiosk_server.edge.metrics import Metrics
from kiosk_server.edge.porter import Place, Porter
from kiosk_server.edge.presence import Leases
from kiosk_server.edge.proxies import Admission
from kiosk_server.edge.rates import Buckets
from kiosk_server.edge.screens import Screens
from kiosk_server.edge.sealing import Order
from kiosk_server.edge.shell import Shell
from kiosk_server.edge.tokens import digest
from kiosk_server.promise import Promise
from kiosk_server.store.db import Database

security_log = logging.getLogger("kiosk.security")

TERMINAL_COOKIE = "kiosk_terminal"
SESSION_COOKIE = "kiosk_session"
PAIRING_COOKIE = "kiosk_pairing"
TERMINAL_COOKIE_LIFE_S = 400 * 24 * 3600  # the most that browsers keep; every page load renews it


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What app.py hands in. `base_url()` is where customers' phones reach this server, '' for nowhere."""

    policy: Policy
    data_dir: Path
    is_metrics_public: bool = False
    base_url: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class Rates:
    """Buckets by what is asked for: commands by caller; all others by address.

    `tries` are those of sign-in, `looks` at wrong addresses with a code or token, `links` wrong addresses of receipts,
    `probes` writes that prove we can. Any site's page can make a browser look, so looking must not use up its tries.
    """

    commands: Buckets
    tries: Buckets
    looks: Buckets
    links: Buckets
    probes: Buckets


REFUSED = frozenset({"forbidden", "not_signed_in", "too_many"})
"""Codes of those who were not let do it, in the ledger of refusals; all others are a matter of the shop."""

# Nobody is told to slow down while they stop a pump.
NEVER_LIMITED: frozenset[type[Command]] = frozenset({StopPump, StopAllPumps})


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The edge's collaborators; `guard` is asked, never told."""

    settings: EdgeSettings
    bus: Bus
    database: Database
    clock: Clock
    identities: Identities
    leases: Leases
    screens: Screens
    shell: Shell
    rates: Rates
    metrics: Metrics
    guard: Guard
    porter: Porter

    def caller(self, screen: str | None = None) -> Caller | None:
        """Who sent the current request, asked once a request and screen."""
        known: dict[str | None, Caller | None] = g.setdefault("callers", {})
        if screen not in known:
            known[screen] = self.identities.identify(self.credentials(request), screen)
            if known[screen]:
                g.who = known[screen]
        return known[screen]

    def require(self, roles: Collection[Role] | None = None, what: str = "this") -> Identity:
        """The caller's identity, or NotSignedIn, or Forbidden when `roles` are given and theirs is not among them."""
        caller = self.caller()
        if caller is None:
            raise NotSignedIn(
                "Nobody is signed in here. Sign in, or enrol this terminal with the address from "
                "`kiosk-server terminal add`."
            )
        self.check_network(request.remote_addr, caller.identity)
        if roles is not None and caller.identity.role not in roles:
            self.note_refusal(caller.identity, what, "forbidden")
            raise Forbidden(
                f"{caller.identity.name} ({caller.identity.role}) may not see {what}. Nothing was done.",
                role=caller.identity.role.value,
            )
        return caller.identity

    def check_network(self, peer: str | None, identity: Identity) -> None:
        """Raise Forbidden where the settings keep this screen or role to other networks."""
        for zone in (screen_of(identity), identity.role.value):
            if zone in ZONES and not self.guard.permits(peer, zone):
                self.note_refusal(identity, zone, "wrong_network")
                raise Forbidden(f"{identity.name} may not be used from this network. Ask the manager which one may.")

    def credentials(self, asked: Request, token: str | None = None) -> Credentials:
        """All that a request shows; `token` is one that came inside a Socket.IO connect."""
        return Credentials(
            # Read as the doors read it: where they saw a token, no cookie may speak instead.
            bearer=token or bearer_of(asked.environ),
            terminal_cookie=asked.cookies.get(TERMINAL_COOKIE, ""),
            session_cookie=asked.cookies.get(SESSION_COOKIE, ""),
            is_own_machine=self.guard.is_own_machine(asked.remote_addr),
        )

    def page(self, screen: str) -> AnyResponse:
        """The shell of `screen` for those whose screen it is; others are shown the way to theirs or to sign-in."""
        caller = self.caller(screen)
        own = screen_of(caller.identity) if caller else None
        if own is None and TERMINAL_COOKIE in request.cookies:
            raise NotSignedIn(
                "This terminal is not enrolled here (any more). "
                "Open its enrolment address again, or make a new one with `kiosk-server terminal add`."
            )
        if own is None:
            return redirect("/signin", 303)
        if own != screen:
            name = caller.identity.name if caller else ""
            raise Forbidden(
                f"This browser belongs to {name}, so it shows /{own}. "
                f"To see /{screen} here, enrol it as such a terminal or sign in as somebody who may."
            )
        response = self.shell.page(screen, self.settings.policy.languages)
        token = request.cookies.get(TERMINAL_COOKIE)
        if token and caller and caller.identity.terminal:
            self.keep_terminal(response, token)
        return response

    def keep_terminal(self, response: AnyResponse, token: str) -> None:
        self.set_cookie(response, TERMINAL_COOKIE, token, TERMINAL_COOKIE_LIFE_S)

    def set_cookie(self, response: AnyResponse, name: str, value: str, life_s: int) -> None:
        response.set_cookie(
            name, value, max_age=life_s, path="/", httponly=True, samesite="Strict", secure=request.scheme == "https"
        )

    def submit(self, command: Command, caller: Caller, key: str, admission: Admission) -> Promise[Reply]:
        """Hand a command to the counter; raises TooMany for a caller who sends too fast."""
        where = admission.client
        if has_request_context():
            g.is_refusal_noted = True  # whatever comes of it is noted here, with the command's name
        arrived_s = self.clock.monotonic_s()
        try:
            if not self._is_unlimited(command, caller.identity):
                self.rates.commands.take(caller.identity.name, "commands")
            future = self.porter.submit(Order(command, caller.identity, key, where, admission.peer))
        except Refusal as refusal:
            self._note_code(command, caller, where, refusal.code)
            raise
        future.add_done_callback(
            lambda done: self._note(command, caller, done, self.clock.monotonic_s() - arrived_s, where)
        )
        return future

    def _is_unlimited(self, command: Command, identity: Identity) -> bool:
        # Who may not stop pumps at all has no haste either: each refusal costs an answer and a row in the ledger.
        is_urgent = type(command) in NEVER_LIMITED and self.bus.may(command, identity)
        return is_urgent or identity.role is Role.LOCAL

    def place(self) -> Place:
        """Where somebody tries to get in: at this terminal or, as far as its form cookie tells, in this browser."""
        terminal = self.identities.terminals.find(request.cookies.get(TERMINAL_COOKIE, ""))
        browser = digest(request.cookies.get(FORM_COOKIE, ""))[:16]
        source = f"terminal:{terminal.name}" if terminal else f"browser:{browser}"
        return Place(source, request.remote_addr or "")

    def note_refusal(self, identity: Identity | None, what: str, why: str) -> None:
        """For the journal: who (None: a stranger) was refused what in the current request, from where."""
        self.porter.refusals.note(identity.name if identity else "", request.remote_addr or "", what, why)
        g.is_refusal_noted = True

    def _note(self, command: Command, caller: Caller, done: Promise[Reply], spent_s: float, where: str) -> None:
        reply = None if done.exception() else done.result()
        self.metrics.count(wire.tag_of(command), reply, spent_s)
        if reply is not None and not reply.ok:
            self._note_code(command, caller, where, reply.code)

    def _note_code(self, command: Command, caller: Caller, where: str, code: str | None) -> None:
        name, who = wire.tag_of(command), caller.identity.name
        if code in REFUSED or (code == "not_found" and type(command) is ConfirmPairing):
            security_log.warning("command refused", extra={"who": who, "command": name, "code": code})
            self.porter.refusals.note(who, where, name, code)
