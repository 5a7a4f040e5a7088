"""Networks let in for a while or turned away, from the console. The guard hears of it after the commit."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import NetworkAnswer
from kiosk_server.domain import network_order as orders
from kiosk_server.domain.commands import AllowNetwork, LiftNetwork, QuarantineNetwork
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import NetworkLifted, NetworkOrdered
from kiosk_server.domain.network_order import NetworkOrder, Treatment


def allow_network(command: AllowNetwork, desk: Desk) -> NetworkAnswer:
    return _order(desk, orders.to_allow(command.network), Treatment.ALLOW, command.why, command.duration_s)


def quarantine_network(command: QuarantineNetwork, desk: Desk) -> NetworkAnswer:
    return _order(desk, orders.to_quarantine(command.network), Treatment.QUARANTINE, command.why, None)


def lift_network(command: LiftNetwork, desk: Desk) -> NetworkAnswer:
    """Take an order back; where there is none, nothing changes."""
    network = str(orders.parse(command.network))
    if any(order.network == network for order in desk.repositories.network_orders()):
        desk.record(NetworkLifted(network=network))
    return NetworkAnswer(network)


def _order(desk: Desk, network: str, treatment: Treatment, why: str, lasts_s: int | None) -> NetworkAnswer:
    known = desk.repositories.network_orders()
    for old in known:
        if old.lasts_s is not None and old.network != network and desk.now_ms - old.ordered_at > old.lasts_s * 1000:
            desk.record(NetworkLifted(network=old.network))
    if len(desk.repositories.network_orders()) >= orders.MAX_ORDERS:
        raise WrongState(f"There are {orders.MAX_ORDERS} orders already. Nothing was changed. Take some back first.")
    order = NetworkOrder(
        network=network,
        treatment=treatment,
        why=why,
        by=desk.identity.name,
        ordered_at=desk.now_ms,
        lasts_s=lasts_s,
    )
    desk.record(NetworkOrdered(order=order))
    return NetworkAnswer(network)
