"""The command line on bad ground: a damaged store, a folder that is none, a file with nothing in it, a taken port."""

import json
import shlex
import socket
import subprocess
from pathlib import Path

import pytest
from store_process import KIOSK_SERVER, Store, clean_environment


def test_header_without_rows_is_not_called_an_import(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text("barcode,name\n")

    assert "no rows" in store.runs("catalog", "import", str(file), code=65)


@pytest.mark.parametrize("command", [["verify"], ["journal", "export"], ["terminal", "list"], ["serve"]])
def test_damaged_store_is_called_damaged_by_whoever_opens_it(store: Store, command: list[str]) -> None:
    store.adds("L1", "lane")
    with (store.folder / "store.db").open("r+b") as file:
        file.write(b"not a database at all")

    assert "is damaged" in store.runs(*command, code=65)


@pytest.mark.parametrize("command", [["serve"], ["doctor", "--json"]])
def test_command_that_is_offered_after_damage_can_be_taken_as_it_is(tmp_path: Path, command: list[str]) -> None:
    store = Store(tmp_path / "the store's [data] $HOME")
    store.adds("L1", "lane")
    store.runs("backup")
    (store.folder / "store.db").write_bytes(b"not a database at all")
    named = [*KIOSK_SERVER, *command, "--data-dir", store.folder.name]
    done = subprocess.run(
        named, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    if command == ["serve"]:
        said = done.stderr.strip()
    else:
        (said,) = (one["text"] for one in json.loads(done.stdout) if one["what"] == "store")
    offered = said[said.index("kiosk-server restore") :].replace("kiosk-server", shlex.join(KIOSK_SERVER), 1)
    subprocess.run(["sh", "-c", f"{offered} --yes"], env=clean_environment(), check=True, timeout=60)

    assert len(store.journal()) == 1


def test_data_folder_that_is_a_file_is_told_as_such(store: Store, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    for folder in (tmp_path / "taken", tmp_path / "taken" / "inside"):
        said = store.runs("terminal", "add", "L1", "--kind", "lane", code=73, KIOSK_DATA_DIR=str(folder))

        assert "a file stands in its way" in said


def test_taken_port_is_told_in_one_sentence(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = store.runs("serve", code=69, KIOSK_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")

    assert "cannot be listened on" in said
    assert len(said.splitlines()) == 1
