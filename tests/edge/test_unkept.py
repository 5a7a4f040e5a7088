"""People who come and go while nothing can be written: what happens to their sessions afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from running_house import House, bearer, eventually
from test_porter_house import a_browser, hires, reads, sends, signs_in

from kiosk_server.edge.door import SESSION_COOKIE
from kiosk_server.store.db import DiskLimits


@contextmanager
def a_full_disk(house: House) -> Iterator[None]:
    least = house.kiosk.database.limits
    house.kiosk.database.limits = DiskLimits(stop_bytes=2**62)
    eventually(lambda: house.kiosk.bus.probe().result(5).code == "read_only")
    try:
        yield
    finally:
        house.kiosk.database.limits = least
    eventually(lambda: house.kiosk.bus.probe().result(5).ok)


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("retire_staff", {}),
        ("change_role", {"role": "attendant"}),
        ("change_secret", {"secret": "another long one"}),
        ("sign_out_everywhere", {}),
    ],
)
def test_session_that_began_on_a_full_disk_ends_with_its_person(
    house: House, command: str, more: dict[str, Any]
) -> None:
    hires(house, "Olga", "Mia")
    with a_browser() as mia:
        with a_full_disk(house):
            assert signs_in(house, mia, "Mia").status_code == 303
        assert reads(house, mia, "/api/v1/staff").status_code == 200
        eventually(lambda: len(house.kiosk.porter._unkept._told) == 0)
        assert house.gives(command, person="Mia", **more)["ok"]
        eventually(lambda: reads(house, mia, "/api/v1/staff").status_code == 401)


def test_person_retired_before_the_journal_knew_of_the_session_is_out(house: House) -> None:
    hires(house, "Olga", "Mia")
    with a_browser() as mia:
        with a_full_disk(house):
            signs_in(house, mia, "Mia")
        assert house.gives("retire_staff", person="Mia")["ok"]
        eventually(lambda: reads(house, mia, "/api/v1/staff").status_code == 401)
        assert sends(house, mia, "add_terminal", terminal="T", kind="manager", token_hash="ab" * 32)["code"] == (
            "not_signed_in"
        )


def test_who_signed_out_on_a_full_disk_stays_out_after_a_restart(tmp_path: Path) -> None:
    with House(tmp_path) as house, a_browser() as mia:
        hires(house, "Olga", "Mia")
        signs_in(house, mia, "Mia")
        token = mia.cookies[SESSION_COOKIE]
        with a_full_disk(house):
            house.kiosk.porter.sign_out(token)
        eventually(lambda: len(house.kiosk.porter._unkept._told) == 0)
    with House(tmp_path) as house:
        assert house.get("/api/v1/staff", bearer(token)).status_code == 401


def test_session_of_a_full_disk_is_kept_over_a_restart_once_it_can_be(tmp_path: Path) -> None:
    with House(tmp_path) as house, a_browser() as mia:
        hires(house, "Olga", "Mia")
        with a_full_disk(house):
            signs_in(house, mia, "Mia")
        token = mia.cookies[SESSION_COOKIE]
    with House(tmp_path) as house:
        assert house.get("/api/v1/staff", bearer(token)).status_code == 200
