"""Who reads what of the journal over HTTP: the same as their console shows."""

from typing import Any

from running_house import MILK, House, bearer
from test_porter_house import a_browser, signs_in

PIN = "839271"
OF_MANAGEMENT = {"staff_added", "signed_in", "network_ordered", "secret_changed"}


def rows_of(house: House, browser: Any, since: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    answer = browser.get(f"{house.url}/api/v1/journal?since={since}&limit={limit}", timeout=5)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def test_cashier_reads_what_their_console_shows_and_not_who_comes_in(house: House) -> None:
    for name, role in (("Cora", "cashier"), ("Mia", "manager")):
        assert house.gives("add_staff", person=name, role=role, secret=PIN)["ok"]
    assert house.gives("scan_item", bearer(house.enrols("lane-1", "lane")), code=MILK)["ok"]
    assert house.gives("quarantine_network", network="10.9.8.0/24", why="odd")["ok"]
    assert house.gives("change_secret", person="Mia", secret="correct horse battery")["ok"]
    with a_browser() as cora:
        signs_in(house, cora, "Cora", PIN)
        seen = rows_of(house, cora)
        assert not OF_MANAGEMENT & {row["type"] for row in seen}
        assert {"terminal_added", "item_scanned"} <= {row["type"] for row in seen}
        # Page by page it is the same, however much lies between that is not theirs.
        paged, since = [], 0
        while page := rows_of(house, cora, since, 1):
            paged += page
            since = page[-1]["seq"]
        assert paged == seen
    whole = house.get("/api/v1/journal?limit=1000", house.local()).json()["events"]
    assert {row["type"] for row in whole} >= OF_MANAGEMENT | {row["type"] for row in seen}
