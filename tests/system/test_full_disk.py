"""A disk with no byte left: the server and every command say what happened, what it means and what to do."""

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_process import KIOSK_SERVER, Process, Store, clean_environment

FILLED = (
    'mount -t tmpfs -o size=8m tmpfs "$1" && cp -a "$2"/. "$1" && { cat /dev/zero > "$1/ballast"; } 2> /dev/null; '
    'cd "$1" && shift 2 && exec "$@"'
)


def can_mount() -> bool:
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_mount(), reason="this machine does not let users mount a tmpfs (unshare -Urm)")


class FullDisk:
    """A store with a backup, on a full disk of its own for each command."""

    def __init__(self, folder: Path) -> None:
        self.filled, self.prepared = folder / "full", folder / "prepared"
        self.filled.mkdir()
        store = Store(self.prepared)
        store.adds("L1", "lane")
        store.runs("backup")
        self.environment = clean_environment(KIOSK_DATA_DIR=str(self.filled), KIOSK_LISTEN="127.0.0.1:0")

    def command(self, *words: str) -> list[str]:
        return ["unshare", "-Urm", "sh", "-c", FILLED, "sh", str(self.filled), str(self.prepared), *words]

    def runs(self, *arguments: str) -> tuple[int, str]:
        """The exit code of a command, and all it says, with the names in the data folder after it."""
        words = self.command("sh", "-c", '"$@"; code=$?; ls -AR; exit $code', "sh", *KIOSK_SERVER, *arguments)
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stderr + done.stdout


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullDisk]:
    folder = tmp_path_factory.mktemp("disks")
    yield FullDisk(folder)
    shutil.rmtree(folder)


def test_the_server_starts_to_show_what_is_wrong(disk: FullDisk) -> None:
    server = Process(disk.command(*KIOSK_SERVER, "serve"), disk.environment)
    try:
        server.says(lambda line: "cannot be written down" in line and "(No space left on device)" in line)
        server.says(lambda line: '"listening on' in line)
        server.signal(signal.SIGTERM)
        assert server.ends() == 0
    finally:
        server.clear_away()


def test_server_is_found_as_soon_as_its_disk_has_room_again(disk: FullDisk) -> None:
    """A little room: less than selling needs."""
    server = Process(disk.command(*KIOSK_SERVER, "serve"), disk.environment)
    pid = server.child.pid

    def beside(*arguments: str) -> tuple[int, str]:
        """A command on the same disk, while the server runs."""
        words = ["nsenter", "--user", "--preserve-credentials", "--mount", f"--target={pid}", *KIOSK_SERVER]
        done = subprocess.run(
            [*words, *arguments], env=disk.environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout + done.stderr

    try:
        url = json.loads(server.says(lambda line: '"listening on' in line))["urls"][0]
        folder = os.open(f"/proc/{pid}/cwd", os.O_DIRECTORY)
        assert "No server is running" in beside("staff", "code")[1]
        assert "in use by another process" in beside("serve")[1]

        os.unlink("ballast", dir_fd=folder)
        server.says(lambda line: "where this server is stands in" in line)

        code, said = beside("staff", "code", "--json")
        assert (code, json.loads(said)["url"].partition("/welcome")[0]) == (0, url)
        code, said = beside("serve")
        assert code == 75
        assert f"process {pid}" in said
        assert url in said
        assert stat.S_IMODE(os.stat("server.json", dir_fd=folder).st_mode) == 0o600
        server.signal(signal.SIGTERM)
        assert server.ends() == 0
        assert "server.json" not in os.listdir(folder)
        os.close(folder)
    finally:
        server.clear_away()


def test_verify_says_that_it_is_not_the_store(disk: FullDisk) -> None:
    code, said = disk.runs("verify")
    assert code == 73
    assert "says nothing about the store" in said
    assert "Make as much room" in said
    assert ".scratch-" not in said


def test_a_drill_without_room_is_not_a_drill_that_failed(disk: FullDisk) -> None:
    code, said = disk.runs("backup", "--drill")
    assert code == 73
    assert "says nothing about the store" in said
    assert "drill.json" not in said


def test_a_restore_without_room_changes_nothing(disk: FullDisk) -> None:
    (chosen,) = (disk.prepared / "backups").glob("*.db")
    code, said = disk.runs("restore", "--yes", str(disk.filled / "backups" / chosen.name))
    assert code == 73
    assert "No space left on device. Nothing was restored" in said
    assert "store.db\n" in said
    assert ".incoming" not in said


def test_doctor_finds_it_and_goes_on_looking(disk: FullDisk) -> None:
    code, said = disk.runs("doctor", "--json")
    assert code == 69
    assert "disk, fsync" in said
    assert "nothing can be written (No space left on device)" in said
    assert '"what":"clock"' in said
