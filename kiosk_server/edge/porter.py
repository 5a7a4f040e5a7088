"""The porter: lets people in, remembers who may not try for a while, sees them out, and tells the journal.

One sign-in: may they try now -> is it right (off the writing thread) -> into the journal -> a cookie. A wrong name
takes the same way and the same time as a wrong PIN, and hears the same words.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from dataclasses import dataclass

from flask import g, has_request_context

from kiosk_server.core.bus import Bus, Entry, Reply
from kiosk_server.core.clock import Clock
from kiosk_server.domain import commands as c
from kiosk_server.domain import events as e
from kiosk_server.domain.errors import Forbidden, NotSignedIn, OutOfRange, Refusal, TooMany, WrongState
from kiosk_server.domain.names import check_visible
from kiosk_server.domain.network_order import NetworkOrder, Treatment
from kiosk_server.domain.scale import LaneScales, no_scales
from kiosk_server.domain.sentence import Sentence
from kiosk_server.domain.staff import Identity, Role, SessionEnd, StaffRole, WrongTries, fold_name
from kiosk_server.edge.codes import Grant, Purpose
from kiosk_server.edge.guard import Guard, GuardError
from kiosk_server.edge.identity import Identities
from kiosk_server.edge.lockouts import Lockouts
from kiosk_server.edge.network import LINK_LOCAL, LOOPBACK, RFC1918, ULA, find_network, parse_address
from kiosk_server.edge.pairing import Pairings
from kiosk_server.edge.passwords import Hasher
from kiosk_server.edge.rates import Buckets, Rate
from kiosk_server.edge.refusals import Refusals
from kiosk_server.edge.sealing import Order, Sealer
from kiosk_server.edge.sessions import Session
from kiosk_server.edge.tokens import digest
from kiosk_server.edge.unkept import NOT_NOW, Unkept
from kiosk_server.promise import Promise
from kiosk_server.store import people
from kiosk_server.store.db import Database

log = logging.getLogger("kiosk.security")

COMMIT_TIMEOUT_S = 5.0
MAX_NAME = 64
MAX_SECRET = 128
FIRST_RUN = Identity(name="first run", role=Role.LOCAL)
BY_CODE = Identity(name="one-time code", role=Role.LOCAL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody tries: `source` is `terminal:<name>` or `browser:<id>`, `address` only for the record."""

    source: str
    address: str

    @property
    def is_terminal(self) -> bool:
        return self.source.startswith("terminal:")


class Porter:
    """Everything about coming and going. `close(session)` closes the screens of somebody who has gone; `scales` tells
    what the plates of a lane say.
    """

    def __init__(self, bus: Bus, database: Database, clock: Clock, identities: Identities, guard: Guard) -> None:
        self._bus = bus
        self._database = database
        self._clock = clock
        self._guard = guard
        self.identities = identities
        self.close: Callable[[Session], None] = lambda _: None
        self.scales: Callable[[str], LaneScales] = no_scales
        self.hasher = Hasher()
        self.lockouts = Lockouts(clock.monotonic_s)
        self.pairings = Pairings(clock.now_ms, clock.monotonic_s)
        self.refusals = Refusals(clock.now_ms, clock.monotonic_s, self._tell)
        self._reports: deque[c.ReportWrongSecret] = deque()
        self._unkept = Unkept(self._submit, identities.sessions.is_alive, self._end, clock.monotonic_s)
        self._welcoming = threading.Lock()
        guard.drops.tell = lambda address, reason, door: self.refusals.note("", address, f"door: {door}", reason)
        self._sealer = Sealer(
            bus,
            database,
            self.hasher,
            self.lockouts,
            self.pairings,
            self._tell,
            _gift_tries(clock),
            lambda terminal: self.scales(terminal),  # noqa: PLW0108 - whose it is, is set later
            lambda: guard.generation.settings.trusted_proxies,
        )

    # -- life --

    def start(self) -> None:
        """Take up what the store remembers: sessions, wrong tries, orders about networks."""
        with self._database.read() as connection:
            self.lockouts.restore(people.wrong_tries(connection))
            self.identities.sessions.restore(people.open_sessions(connection), self._clock.now_ms())
            self.refusals.restore(people.last_refusals(connection))
            for order in people.network_orders(connection):
                self._restore_order(order)

    def sweep(self) -> None:
        """Twice a second: sessions that ended by themselves, codes that ran out, refusals that gathered."""
        for session_id, why in self.identities.sessions.take_over():
            self._unkept.tell(c.EndSession(session_id=session_id, why=why))
        self._unkept.sweep(is_writable=not self._bus.is_read_only)
        self._tell_reports()
        self.pairings.sweep()
        self.refusals.sweep()

    def stop(self) -> None:
        """Write down what only this process knows. Before the bus stops."""
        self._unkept.sweep(is_writable=not self._bus.is_read_only)
        self._tell_reports()
        self.refusals.flush()
        times = c.KeepTimes(locked_s=self.lockouts.remaining_s(), sessions=self.identities.sessions.ages())
        if times.locked_s or times.sessions:
            self._tell(times)
        self.hasher.stop()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """After a commit."""
        for entry in entries:
            match entry.event:
                case e.SignedOut(session_id=session_id):
                    self._end(session_id)
                case e.TerminalRetired(terminal=terminal) | e.TerminalPaired(terminal=terminal):
                    # The box may be in a thief's hands, and the token of whoever served there in its memory.
                    self._end_all(f"terminal:{terminal}", SessionEnd.RETIRED)
                case e.LockLifted(person=person) | e.StaffRetired(person=person):
                    self.lockouts.forgive([f"person:{person}"])
                case e.NetworkOrdered(order=order):
                    self._obey(order, order.lasts_s)
                case e.NetworkLifted(network=network):
                    with suppress(GuardError):
                        self._guard.lift(network)
                case _:
                    pass

    # -- coming in --

    @property
    def has_owner(self) -> bool:
        with self._database.read() as connection:
            return people.has_owner(connection)

    def sign_in(self, name: str, secret: str, place: Place) -> tuple[Identity, str]:
        """Whom a name and a PIN or password sign in, and the session's token. Raises NotSignedIn, TooMany."""
        with self._database.read() as connection:
            member, known = people.member_with_hash(connection, name[:MAX_NAME]) or (None, None)
        counted = self._count(member.name if member else None, name, place)
        is_right = len(secret) <= MAX_SECRET and self._judged(known, secret, counted)
        if not is_right or member is None:
            if member is not None or place.is_terminal:
                # Written down a moment later: a commit beside the answer would tell by its time who exists.
                person = member.name if member else ""
                self._reports.append(c.ReportWrongSecret(person=person, source=place.source, tries=counted))
            self._refuse(member.name if member else "", place, "not_signed_in")
            raise NotSignedIn(
                "This name and this PIN or password do not belong together. Try again; "
                "after five wrong tries there is a pause of a minute."
            )
        identity = Identity(name=member.name, role=Role(member.role.value))
        token = self._begin(identity, place, member.fingerprint)
        self.lockouts.forgive([one.subject for one in counted])
        return identity, token

    def sign_in_with_code(self, typed: str, place: Place) -> tuple[Identity, str]:
        """Whom a one-time code signs in, and the session's token. Raises NotSignedIn."""
        with self.identities.codes.spending(typed, Purpose.SIGN_IN) as grant:
            return grant.identity, self._begin(grant.identity, place, "")

    def welcome(self, typed: str, name: str, secret: str, place: Place) -> tuple[Identity, str]:
        """Make the first owner with the code that the server printed, and sign them in. Raises Refusal."""
        self._check_near(place)
        # One at a time: two codes at once must not make two first owners.
        with self._welcoming, self.identities.codes.spending(typed, Purpose.WELCOME):
            if self.has_owner:
                raise WrongState("This store has an owner already. Sign in, or ask them to add you.")
            member = _usable_name(name)
            self._order(c.AddStaff(person=member, role=StaffRole.OWNER, secret=secret), FIRST_RUN, place)
            owner = Identity(name=member, role=Role.OWNER)
            return owner, self._begin(owner, place, "")

    def reset(self, typed: str, secret: str, place: Place) -> tuple[Identity, str]:
        """Give the person of a reset code a new secret, and sign them in. Raises Refusal."""
        self._check_near(place)
        with self.identities.codes.spending(typed, Purpose.RESET) as grant:
            self._order(c.ChangeSecret(person=grant.identity.name, secret=secret), BY_CODE, place)
            self.lockouts.forgive([f"person:{grant.identity.name}"])
            return grant.identity, self._begin(grant.identity, place, "")

    def look(self, typed: str) -> Grant:
        """What a code is for. Raises NotSignedIn."""
        return self.identities.codes.look(typed)

    def sign_out(self, token: str) -> None:
        """At once here, whatever the store is up to; then into the journal."""
        session = self.identities.sessions.end(token)
        if session is not None:
            self.close(session)
            self._unkept.tell(c.EndSession(session_id=session.session_id, why=SessionEnd.SIGNED_OUT))

    def end_others(self, token: str, source: str) -> None:
        """End every session that began at the same place as that of `token`: somebody forgot to leave."""
        own = self.identities.sessions.find(token)
        if own is not None:
            self._end_all(source, SessionEnd.TOO_MANY, but=own.session_id)

    def _end_all(self, source: str, why: SessionEnd, *, but: str = "") -> None:
        for session in self.identities.sessions.all():
            if session.source == source and session.session_id != but:
                self._end(session.session_id)
                self._unkept.tell(c.EndSession(session_id=session.session_id, why=why))

    def _end(self, session_id: str) -> None:
        session = self.identities.sessions.end_id(session_id)
        if session is not None:
            self.close(session)

    # -- orders --

    def submit(self, order: Order) -> Promise[Reply]:
        """Hand an order to the counter as the writer may have it. Raises Refusal where it is refused before."""
        sealed = self._sealer.seal(order)
        if isinstance(sealed, Future):
            return self._submit_later(sealed, order)
        future = self._bus.submit(sealed, order.identity, order.key)
        future.add_done_callback(lambda done: self._settle(sealed, done))
        return self._sealer.reveal(order, future)

    def _submit_later(self, sealing: "Future[c.Command]", order: Order) -> Promise[Reply]:
        answer: Promise[Reply] = Promise()

        def submit(done: "Future[c.Command]") -> None:
            problem = done.exception()
            if isinstance(problem, Refusal):
                answer.set_result(Reply.of_refusal(problem, self._bus.head_seq))
            elif problem is not None:
                answer.set_exception(problem)
            else:
                future = self._bus.submit(done.result(), order.identity, order.key)
                future.add_done_callback(lambda reply: answer.set_result(reply.result()))

        sealing.add_done_callback(submit)
        return answer

    def _settle(self, command: c.Command, done: Promise[Reply]) -> None:
        if done.exception() is None:
            self._sealer.settle(command, done.result())

    # -- inside --

    def _count(self, person: str | None, typed: str, place: Place) -> tuple[WrongTries, ...]:
        known = [f"person:{person}"] if person else []
        strangers = [] if person else [f"person:{fold_name(typed[:MAX_NAME])}"]
        (known if place.is_terminal else strangers).append(place.source)
        try:
            return self.lockouts.begin(known, strangers)
        except TooMany:
            self._refuse(person or "", place, "too_many")
            raise

    def _judged(self, known: str | None, secret: str, counted: tuple[WrongTries, ...]) -> bool:
        try:
            return self.hasher.later(lambda: self.hasher.is_right(known, secret)).result()
        except BaseException:
            self.lockouts.withdraw(counted)
            raise

    def _begin(self, identity: Identity, place: Place, fingerprint: str) -> str:
        token = self.identities.sessions.begin(identity, place.source, self._clock.now_ms())
        session = self.identities.sessions.find(token)
        assert session is not None  # noqa: S101 - begun a line above
        command = c.SignIn(
            person=identity.name,
            role=identity.role,
            session_id=session.session_id,
            token_hash=digest(token),
            source=place.source,
            fingerprint=fingerprint,
        )
        self._tell_reports()  # or a wrong try of a moment ago would come after the success that forgives it
        try:
            reply = self._unkept.tell(command).result(COMMIT_TIMEOUT_S)
        except TooLate:
            reply = None
        # Whoever comes to mend a full disk must get in: such a session lives in memory alone until that is done.
        if reply is not None and not reply.ok and reply.code not in NOT_NOW:
            self.identities.sessions.end(token)
            raise NotSignedIn(reply.message)
        if reply is None or not reply.ok:
            log.warning("session not kept yet", extra={"who": identity.name})
        log.info("signed in", extra={"who": identity.name, "peer": place.address, "source": place.source})
        return token

    def _order(self, command: c.AddStaff | c.ChangeSecret, identity: Identity, place: Place) -> None:
        key = self._clock.new_id()
        reply = self.submit(Order(command, identity, key, place.address)).result(COMMIT_TIMEOUT_S)
        if not reply.ok:
            raise OutOfRange(reply.message, **(reply.details or {}))

    def _check_near(self, place: Place) -> None:
        address = parse_address(place.address)
        is_near = address is not None and find_network(address, (*LOOPBACK, *RFC1918, *ULA, *LINK_LOCAL)) is not None
        if not (is_near or self._guard.is_own_machine(place.address)):
            self._refuse("", place, "forbidden")
            raise Forbidden("This code counts only in the store's own network. Nothing was changed. Use it there.")

    def _refuse(self, who: str, place: Place, why: str) -> None:
        log.warning("sign-in refused", extra={"peer": place.address, "source": place.source, "code": why})
        self.refusals.note(who, place.address, "sign_in", why)
        if has_request_context():
            g.is_refusal_noted = True

    def _tell(self, command: c.Command) -> None:
        """Into the journal when there is time; what matters at once is in memory already."""
        self._submit(command)

    def _tell_reports(self) -> None:
        with suppress(IndexError):
            while True:
                self._tell(self._reports.popleft())

    def _submit(self, command: c.Command) -> Promise[Reply]:
        person = getattr(command, "person", "")
        return self._bus.submit(command, Identity(name=person or "door", role=Role.DOOR), self._clock.new_id())

    def _restore_order(self, order: NetworkOrder) -> None:
        if order.lasts_s is None:
            self._obey(order, None)
            return
        gone_s = (self._clock.now_ms() - order.ordered_at) / 1000
        # With a clock that was set back, nobody knows how much of an allow is left: then none is.
        if 0 <= gone_s < order.lasts_s:
            self._obey(order, order.lasts_s - gone_s)

    def _obey(self, order: NetworkOrder, lasts_s: float | None) -> None:
        english = "ordered by {by}: {note}" if order.why else "ordered by {by}"
        why = Sentence("ordered_because" if order.why else "ordered", english, by=order.by, note=order.why)
        try:
            if order.treatment is Treatment.ALLOW:
                self._guard.allow_for(order.network, lasts_s or 0, why)
            else:
                self._guard.quarantine(order.network, why)
        except GuardError as error:
            log.warning("an order about a network is not kept: %s", error, extra={"network": order.network})


def _gift_tries(clock: Clock) -> Buckets:
    """Customers type a number a few times; whoever walks through numbers would need longer than the sun has left."""
    return Buckets(Rate(burst=10, per_s=0.2), clock.monotonic_s)


def _usable_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= MAX_NAME:
        raise OutOfRange(f"A name has 1 to {MAX_NAME} characters. Nothing was changed. Type yours again.")
    check_visible(tidy, "person")
    return tidy
