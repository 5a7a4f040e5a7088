"""How the store is and how it was, over HTTP: for whom, with which words, and true."""

import time
from contextlib import closing

import pytest
from running_house import BREAD, MILK, House

from kiosk_server import __version__
from kiosk_server.store import backup
from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.drill import drill


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def take_backup(house: House) -> backup.Backup:
    database = house.kiosk.database
    with closing(connect(database.path, "ro", READER_PRAGMAS)) as source:
        return backup.take(source, database.backups)


def test_console_sees_how_the_store_is(house: House) -> None:
    before = house.get("/api/v1/system", house.local()).json()
    made = take_backup(house)
    drill(house.kiosk.database.backups)
    after = house.get("/api/v1/system", house.local()).json()

    assert (before["backup_at"], before["drill_at"], before["trouble"]) == (None, None, None)
    assert before["head_seq"] == house.kiosk.bus.head_seq
    assert before["version"] == __version__
    assert before["store_bytes"] > 0
    assert before["disk_free_bytes"] > 0
    assert (after["backup_seq"], after["backup_bytes"], after["drill_problem"]) == (made.seq, made.bytes, "")
    assert after["now"] - 60_000 < after["backup_at"] <= after["now"]
    assert after["drill_at"] is not None


def test_a_drill_that_fails_shows_on_the_console_and_in_the_metrics(house: House) -> None:
    assert "kiosk_last_drill_good -1.0" in house.get("/metrics").text
    made = take_backup(house)
    with made.path.open("r+b") as opened:
        opened.truncate(5000)
    drill(house.kiosk.database.backups)

    metrics = house.get("/metrics").text
    assert "kiosk_last_drill_good 0.0" in metrics
    assert "kiosk_last_drill_age_seconds -1.0" not in metrics
    assert "not what was written" in house.get("/api/v1/system", house.local()).json()["drill_problem"]


def test_a_drill_is_no_backup(house: House) -> None:
    drill(house.kiosk.database.backups)
    assert "kiosk_last_backup_age_seconds -1.0" in house.get("/metrics").text


def test_a_lane_sees_neither_the_system_nor_the_past(house: House) -> None:
    lane = bearer(house.enrols("L1", "lane"))
    for path in ("/api/v1/system", "/api/v1/past?at=1"):
        assert house.get(path, lane).json()["code"] == "forbidden"
        assert house.get(path).json()["code"] == "not_signed_in"


def test_the_console_can_be_scrubbed_to_a_past_moment(house: House) -> None:
    lane = bearer(house.enrols("L1", "lane"))
    assert house.gives("scan_item", lane, code=MILK)["ok"]
    between = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == between:
        pass
    assert house.gives("scan_item", lane, code=BREAD)["ok"]

    then = house.get(f"/api/v1/past?at={between}", house.local()).json()
    now = house.get(f"/api/v1/past?at={2**50}", house.local()).json()

    def items(answer: dict[str, object]) -> int:
        return next(tile["items"] for tile in answer["state"]["terminals"] if tile["name"] == "L1")  # type: ignore[index]

    assert (items(then), items(now)) == (1, 2)
    assert then["row_at"] <= between < now["row_at"] == now["last_at"]
    assert then["first_at"] == now["first_at"] <= then["row_at"]
    assert now["seq"] == house.kiosk.bus.head_seq


@pytest.mark.parametrize(
    ("query", "status"), [("", 400), ("?at=soon", 400), ("?at=-1", 400), ("?at=1&screen=lane", 400), ("?at=1", 404)]
)
def test_a_moment_that_cannot_be_shown_is_refused_in_words(house: House, query: str, status: int) -> None:
    answer = house.get(f"/api/v1/past{query}", house.local())
    assert answer.status_code == status
    assert answer.json()["message"].endswith(".")
