"""`kiosk-server doctor`: what it looks at, what it doubts, and that it touches nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from store_process import Store

from kiosk_server.cli.doctor import judge_fsync


def test_doctor_looks_at_everything_and_changes_nothing(store: Store) -> None:
    store.adds("L1", "lane")
    before = store.journal()

    found = {one["what"]: one["verdict"] for one in store.answers("doctor")}

    looked_at = {"versions", "data directory", "file system", "disk", "fsync", "sqlite", "store", "backup"}
    assert looked_at | {"restore drill", "interfaces", "listen", "certificate", "clock"} <= found.keys()
    assert found["store"] == "ok"
    assert (found["backup"], found["restore drill"]) == ("note", "note"), "there is none yet"
    assert store.journal() == before


def test_doctor_sees_the_backup_and_the_drill_and_when_they_are_bad(store: Store) -> None:
    store.adds("L1", "lane")
    backup = store.answers("backup")
    store.runs("backup", "--drill")
    good = {one["what"]: one["verdict"] for one in store.answers("doctor")}
    (Path(backup["folder"]) / backup["name"]).write_bytes(b"damage")
    store.runs("backup", "--drill", code=65)

    assert (good["backup"], good["restore drill"]) == ("ok", "ok")
    assert "restore drill" in store.runs("doctor", code=69)


@pytest.mark.parametrize(("median_ms", "verdict"), [(0.001, "bad"), (0.02, "ok"), (5.0, "ok"), (80.0, "note")])
def test_doctor_doubts_a_disk_that_is_too_quick(median_ms: float, verdict: str) -> None:
    assert judge_fsync(median_ms, median_ms).verdict == verdict


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here, so certificates are not read")
@pytest.mark.parametrize(("days", "verdict"), [(300, "ok"), (10, "note")])
def test_doctor_reads_how_long_the_certificate_is_good(store: Store, days: int, verdict: str) -> None:
    (store.folder / "tls").mkdir(parents=True)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", "/CN=store", "-keyout", str(store.folder / "tls" / "server.key")),
            *("-out", str(store.folder / "tls" / "server.crt"), "-days", str(days)),
        ],
        check=True,
        capture_output=True,
    )
    found = {one["what"]: one["verdict"] for one in store.answers("doctor")}
    assert found["certificate"] == verdict


@pytest.mark.parametrize("trace", ["store.head", "backups"])
def test_doctor_and_the_server_agree_that_a_store_is_gone(store: Store, trace: str) -> None:
    store.adds("L1", "lane")
    store.runs("backup")
    kept = store.folder / trace
    for file in set(store.folder.iterdir()) - {kept}:
        shutil.rmtree(file) if file.is_dir() else file.unlink()

    assert "the file is gone" in store.runs("serve", code=65)
    assert re.search(r"mending:.*\bstore\b", store.runs("doctor", code=69))


def test_doctor_and_the_server_agree_that_the_end_of_a_journal_is_gone(store: Store) -> None:
    store.adds("L1", "lane")
    older = (store.folder / "store.db").read_bytes()
    store.adds("L2", "lane")
    (store.folder / "store.db").write_bytes(older)

    assert "was acknowledged" in store.runs("serve", code=65)
    assert re.search(r"mending:.*\bstore\b", store.runs("doctor", code=69))


def test_doctor_finds_nothing_wrong_with_a_store_that_sells(store: Store) -> None:
    store.adds("L1", "lane")
    store.starts()
    store.adds("L2", "lane")
    found = {one["what"]: one["verdict"] for one in store.answers("doctor")}
    assert (found["store"], found["server"]) == ("ok", "ok")
    assert store.is_told_to_stop() == 0


def test_doctor_finds_a_store_that_is_damaged(store: Store) -> None:
    store.adds("L1", "lane")
    with (store.folder / "store.db").open("r+b") as opened:
        opened.write(b"not a database at all")

    assert "store" in store.runs("doctor", code=69)
