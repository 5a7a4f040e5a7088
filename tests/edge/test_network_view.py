"""What the console says of networks, and that orders about them last."""

from pathlib import Path
from typing import Any

import pytest
from running_house import PATIENCE_S, House, bearer, eventually

from kiosk_server.config import NetworkConfig
from kiosk_server.domain.commands import QuarantineNetwork
from kiosk_server.domain.errors import OutOfRange
from kiosk_server.edge.identity import LOCAL
from kiosk_server.edge.sealing import Order


def test_network_view_tells_who_is_connected_and_why(house: House) -> None:
    house.lane("lane-1")
    view = house.get("/api/v1/network", house.local()).json()
    assert [(row["who"], row["address"]) for row in view["connections"]] == [("lane-1", "127.0.0.1")]
    assert view["networks"][0]["why"]
    answer = house.get("/api/v1/network/explain?address=8.8.8.8", house.local()).json()
    assert answer["would_get_in"] is False
    assert house.get("/api/v1/network/explain", house.local()).status_code == 400


def test_quarantine_that_is_answered_yes_holds(tmp_path: Path) -> None:
    with House(tmp_path, mode="lan") as house:
        for text, held in (
            ("::ffff:a09:807", "10.9.8.7"),
            ("::ffff:a09:800/120", "10.9.8.7"),
            ("10.7.0.0/16", "10.7.0.1"),
        ):
            if house.gives("quarantine_network", network=text)["ok"]:
                eventually(lambda held=held: not house.kiosk.guard.permits(held, None))


@pytest.mark.parametrize(
    "network", ["10.0.0.9", "10.0.0.0/24", "10.0.9.0/24", "10.0.9.4/32", "fd00::9/128", "0.0.0.0/0"]
)
def test_quarantine_of_a_trusted_proxy_is_refused(tmp_path: Path, network: str) -> None:
    proxies = NetworkConfig(trusted_proxies=("10.0.0.9", "10.0.9.0/28", "fd00::9"))
    with House(tmp_path, mode="lan", network=proxies) as house:
        order = {"key": "k", "name": "quarantine_network", "data": {"network": network}}
        behind = {"X-Forwarded-For": "192.168.1.5", **bearer(house.enrols("console", "manager"))}
        through = {"REMOTE_ADDR": "10.0.0.9"}
        answers = [
            house.gives("quarantine_network", network=network),
            house.app.test_client()
            .post("/api/v1/commands", json=order, headers=behind, environ_base=through)
            .get_json(),
        ]
        assert [answer["code"] for answer in answers] == ["out_of_range", "out_of_range"]
        assert network == "0.0.0.0/0" or all("network.deny" in answer["message"] for answer in answers)
        assert house.gives("quarantine_network", network="192.168.1.0/24")["ok"]


def test_quarantine_of_whoever_brought_the_order_is_refused(house: House) -> None:
    """A proxy that was taken from the settings may still hold the connection of somebody's console."""
    order = Order(QuarantineNetwork(network="10.0.0.0/24"), LOCAL, "k", "192.168.1.5", "10.0.0.9")
    with pytest.raises(OutOfRange, match=r"contains 10\.0\.0\.9, through which"):
        house.kiosk.porter.submit(order).result(PATIENCE_S)


def test_quarantine_holds_over_a_restart_until_it_is_lifted(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"mode": "lan"}
    with House(tmp_path, **settings) as house:
        assert house.kiosk.guard.permits("10.9.8.7", None)
        assert house.gives("quarantine_network", network="10.9.8.0/24", why="odd")["ok"]
        eventually(lambda: not house.kiosk.guard.permits("10.9.8.7", None))
        assert house.gives("quarantine_network", network="127.0.0.0/8")["code"] == "out_of_range"
        assert house.gives("allow_network", network="8.8.8.0/24")["code"] == "out_of_range"
        assert house.gives("allow_network", network="10.1.2.3/8")["code"] == "out_of_range"
    with House(tmp_path, **settings) as house:
        assert not house.kiosk.guard.permits("10.9.8.7", None)
        rows = house.get("/api/v1/network", house.local()).json()["networks"]
        (why,) = (row["why"] for row in rows if row["treatment"] == "quarantine")
        assert why == "ordered by local administrator: odd"
        assert house.gives("lift_network", network="10.9.8.0/24")["ok"]
        eventually(lambda: house.kiosk.guard.permits("10.9.8.7", None))
