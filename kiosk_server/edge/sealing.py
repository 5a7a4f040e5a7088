"""Between the wire and the counter: some orders carry what the writer must not see, or lack what only the door knows.

A PIN becomes its hash here, outside the writing thread (hashing in it would stop every till); a pairing code becomes
the hash of the box's token; a gift card's number becomes its hash, so that no number reaches the journal; what a lane
weighs comes from its scale. `seal` may take a while for the first, and then gives a Future.
"""

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from msgspec.structs import replace

from kiosk_server.core.bus import Bus, Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain import gift, network_order
from kiosk_server.domain.errors import Forbidden, OutOfRange
from kiosk_server.domain.scale import IS_WEIGHT, BaggingReading, LaneScales, Reading, no_scales
from kiosk_server.domain.staff import (
    Identity,
    Member,
    SealedSecret,
    StaffRole,
    check_secret,
    may_manage,
    tidy_secret,
)
from kiosk_server.edge.lockouts import Lockouts
from kiosk_server.edge.network import Network, overlaps, parse_address
from kiosk_server.edge.pairing import Pairings, State
from kiosk_server.edge.passwords import Hasher
from kiosk_server.edge.rates import Buckets
from kiosk_server.promise import Promise
from kiosk_server.store import people
from kiosk_server.store.db import Database

Sealed = c.Command | Future[c.Command]


@dataclass(frozen=True, slots=True)
class Order:
    """A command with all that sealing asks of its sender.

    `address` is where it came from, `peer` who holds its TCP connection: the same, or a proxy; '' within the server.
    """

    command: Any
    identity: Identity
    key: str
    address: str
    peer: str = ""


def seal_secret(hasher: Hasher, secret: str, role: StaffRole, name: str, occasion: str) -> SealedSecret:
    """What the writer gets of a secret that is good enough. Raises OutOfRange. Takes a processor for 20 ms or so."""
    tidy = tidy_secret(secret)
    return SealedSecret(kind=check_secret(tidy, role, name), hash=hasher.hash(tidy, occasion))


@dataclass(frozen=True, slots=True)
class Sealer:
    """Every order passes; those in SEALS are changed, all others are returned as they are."""

    bus: Bus
    database: Database
    hasher: Hasher
    lockouts: Lockouts
    pairings: Pairings
    report: Callable[[c.Command], None]
    gift_tries: Buckets
    scales: Callable[[str], LaneScales] = no_scales
    proxies: Callable[[], tuple[Network, ...]] = tuple

    def seal(self, order: Order) -> Sealed:
        """The command as the writer may have it. Raises Refusal."""
        change = SEALS.get(type(order.command))
        # Who may not give it at all is refused by the counter, and costs no hashing.
        command: c.Command = order.command
        if change is None or not self.bus.may(command, order.identity):
            return _emptied(command)
        return change(self, order)

    def settle(self, command: c.Command, reply: Reply) -> None:
        """The counter has answered."""
        if isinstance(command, c.ConfirmPairing) and command.token_hash:
            self.pairings.settle(State.CONFIRMED, is_done=reply.ok, token_hash=command.token_hash)
        if isinstance(command, c.DenyPairing) and reply.ok:
            self.pairings.settle(State.DENIED, is_done=True, pairing_id=command.pairing_id)

    def add_staff(self, order: Order) -> Sealed:
        command: c.AddStaff = order.command
        if not may_manage(order.identity.role, command.role):
            return _emptied(command)
        check_secret(tidy_secret(command.secret), command.role, command.person)
        return self.hasher.later(lambda: self._sealed(order, command.role, command.person))

    def change_secret(self, order: Order) -> Sealed:
        command: c.ChangeSecret = order.command
        with self.database.read() as connection:
            found = people.member_with_hash(connection, command.person)
        if found is None:
            return _emptied(command)
        member, known = found
        is_self = order.identity.terminal is None and order.identity.name == member.name
        if not is_self and not may_manage(order.identity.role, member.role):
            return _emptied(command)
        check_secret(tidy_secret(command.secret), member.role, member.name)
        if is_self:
            return self.hasher.later(lambda: self._own(order, member, known))
        return self.hasher.later(lambda: self._sealed(order, member.role, member.name))

    def _own(self, order: Order, member: Member, known: str) -> c.Command:
        counted = self.lockouts.begin([f"person:{member.name}"], [])
        if not self.hasher.is_right(known, order.command.current):
            self.report(c.ReportWrongSecret(person=member.name, source="", tries=counted))
            raise Forbidden("That is not your present PIN or password. Nothing was changed.")
        self.lockouts.forgive([f"person:{member.name}"])
        return self._sealed(order, member.role, member.name)

    def _sealed(self, order: Order, role: StaffRole, name: str) -> c.Command:
        occasion = f"{order.identity.name}\n{order.key}\n{name}"
        sealed = seal_secret(self.hasher, order.command.secret, role, name, occasion)
        emptied: Any = _emptied(order.command)
        whole: c.Command = replace(emptied, sealed=sealed)
        return whole

    def confirm_pairing(self, order: Order) -> Sealed:
        command: c.ConfirmPairing = order.command
        box = self.pairings.claim(command.code, command.terminal, command.kind, order.identity.name)
        return replace(command, token_hash=box.token_hash)

    def deny_pairing(self, order: Order) -> Sealed:
        command: c.DenyPairing = order.command
        return replace(command, address=self.pairings.find(command.pairing_id).address)

    def quarantine_network(self, order: Order) -> Sealed:
        """Nobody saws off the branch on which they sit, nor the one that carries everybody behind a proxy."""
        network = network_order.parse(network_order.to_quarantine(order.command.network))
        own, peer = parse_address(order.address), parse_address(order.peer)
        if own is not None and own in network:
            raise OutOfRange(f"{network} contains your own address, {own}. Nothing was changed. Choose a narrower one.")
        if peer is not None and peer in network:
            raise OutOfRange(f"{network} contains {peer}, through which your order came. {_PROXY_STAYS}")
        proxy = next((proxy for proxy in self.proxies() if overlaps(network, [proxy])), None)
        if proxy is not None:
            raise OutOfRange(
                f"{network} overlaps your trusted proxies (network.trusted_proxies: {proxy}). {_PROXY_STAYS}"
            )
        return order.command  # type: ignore[no-any-return]

    def gift_number(self, order: Order) -> Sealed:
        """A number becomes its hash. Tries are counted a terminal or person: none may walk through the numbers."""
        command: c.RedeemGift | c.CheckGift = order.command
        self.gift_tries.take(order.identity.name, "gift card numbers")
        return replace(command, number="", number_hash=_gift_hash(command.number))

    def sell_gift(self, order: Order) -> Sealed:
        """As `gift_number`; without a number one is drawn, which `reveal` tells the seller and nobody else."""
        command: c.SellGift = order.command
        number = gift.tidy_number(command.number) or _drawn(order)
        return replace(command, number="", number_hash=_gift_hash(number), masked=gift.masked_of(number))

    def reveal(self, order: Order, future: Promise[Reply]) -> Promise[Reply]:
        """The answer as its asker may have it: the writer, which keeps answers for a week, never saw a drawn number."""
        if not isinstance(order.command, c.SellGift) or order.command.number:
            return future
        told: Promise[Reply] = Promise()
        future.add_done_callback(lambda done: _tell_number(done, told, _drawn(order)))
        return told

    def weigh_item(self, order: Order) -> Sealed:
        """By what lies on the lane's own scale now: a browser's word about a weight counts nothing."""
        command: c.WeighItem = order.command
        plate = self.scales(order.identity.terminal or "").produce or Reading()
        weight_g = plate.weight_g if plate.is_weight and plate.weight_g > 0 else None
        return replace(command, weight_g=weight_g, condition=plate.condition)

    def weigh_bags(self, order: Order) -> Sealed:
        """As `weigh_item`, by the lane's bagging area."""
        command: c.DeclareBag | c.ChooseTender = order.command
        plate = self.scales(order.identity.terminal or "").bagging or BaggingReading()
        measured_g = plate.weight_g if plate.condition in IS_WEIGHT else None
        return replace(command, measured_g=measured_g, condition=plate.condition)


_PROXY_STAYS: Final = (
    "Everybody behind it would be shut out. Nothing was changed. Choose a narrower network, or turn the proxy itself "
    "away in the settings (network.deny)."
)

_DRAW: Final = secrets.token_bytes(32)
"""What numbers are drawn from, of this process: who knows all keys of all orders still knows no number."""


def _drawn(order: Order) -> str:
    """The same order sent twice gets the same number: the draw hangs on its key."""
    return gift.draw_number(f"{order.identity.name}\n{order.key}", _DRAW)


def _tell_number(done: Promise[Reply], told: Promise[Reply], number: str) -> None:
    problem = done.exception()
    if problem is not None:
        told.set_exception(problem)
        return
    reply = done.result()
    told.set_result(
        replace(reply, result={**reply.result, "number": number}) if isinstance(reply.result, dict) else reply
    )


def _gift_hash(typed: str) -> str | None:
    number = gift.tidy_number(typed)
    return gift.hash_of(number) if gift.is_number(number) else None


_EMPTY: Final = {"secret": "", "current": "", "number": "", "masked": "", "number_hash": None}

_TYPED: Final = {
    kind: typed
    for kind in c.COMMANDS.values()
    if (typed := {name: value for name, value in _EMPTY.items() if name in kind.__struct_fields__})
}
"""Of the commands that have any: the fields that a person types, or only the door fills in."""


def _emptied(command: c.Command) -> c.Command:
    """Without what a person typed, and without what only the door may fill in."""
    typed: dict[str, Any] | None = _TYPED.get(type(command))
    return replace(command, **typed) if typed else command


SEALS: Final[Mapping[type[c.Command], Callable[[Sealer, Order], Sealed]]] = MappingProxyType(
    {
        c.AddStaff: Sealer.add_staff,
        c.ChangeSecret: Sealer.change_secret,
        c.ConfirmPairing: Sealer.confirm_pairing,
        c.DenyPairing: Sealer.deny_pairing,
        c.RedeemGift: Sealer.gift_number,
        c.CheckGift: Sealer.gift_number,
        c.SellGift: Sealer.sell_gift,
        c.QuarantineNetwork: Sealer.quarantine_network,
        c.WeighItem: Sealer.weigh_item,
        c.DeclareBag: Sealer.weigh_bags,
        c.ChooseTender: Sealer.weigh_bags,
    }
)
