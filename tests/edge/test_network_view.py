"""What the console says of networks, and that orders about them last."""

from pathlib import Path
from typing import Any

from running_house import House, eventually


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
