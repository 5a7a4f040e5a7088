"""The systemd units: what they promise to the machine they run on."""

import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk_server.edge.network import RFC1918
from kiosk_server.serve import DRAIN_S, STOP_S

UNITS = Path(__file__).parents[2] / "systemd"
ANALYZE = shutil.which("systemd-analyze")


def directives(unit: str) -> dict[str, list[str]]:
    """All lines of a unit's [Service], by name."""
    found: dict[str, list[str]] = {}
    text = (UNITS / unit).read_text("utf-8")
    for line in text[text.index("[Service]") :].splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here, so the units' exposure is not measured")
@pytest.mark.parametrize("unit", ["kiosk-server.service", "kiosk-server-backup.service", "kiosk-server-drill.service"])
def test_exposure_of_the_services_is_at_most_one_and_a_half(unit: str) -> None:
    done = subprocess.run(
        [str(ANALYZE), "security", "--offline=true", "--threshold=15", "--no-pager", str(UNITS / unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-200:]


def test_unit_lets_in_the_networks_of_the_default_guard() -> None:
    allowed = directives("kiosk-server.service")["IPAddressAllow"][0].split()

    assert allowed == ["localhost", *(str(network) for network in RFC1918)]


def test_unit_is_watched_and_has_time_to_drain() -> None:
    service = directives("kiosk-server.service")

    assert service["Type"] == ["notify"]
    assert int(service["WatchdogSec"][0]) <= 20
    assert int(service["TimeoutStopSec"][0]) > DRAIN_S + STOP_S
    assert DRAIN_S + STOP_S <= 10
    assert "AF_NETLINK" in service["RestrictAddressFamilies"][0]


@pytest.mark.parametrize("unit", ["kiosk-server-backup.service", "kiosk-server-drill.service"])
def test_server_and_backup_share_the_stores_user(unit: str) -> None:
    server, backup = directives("kiosk-server.service"), directives(unit)

    for name in ("User", "DynamicUser", "StateDirectory", "UMask"):
        assert server[name] == backup[name]
