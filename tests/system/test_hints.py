"""Commands that are offered for typing: typed as they stand, in a fresh shell, they are about the same store."""

import ast
import json
import re
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_process import KIOSK_SERVER, Process, Store, clean_environment

from kiosk_server import cli

HOUSE = Path(cli.__file__).parents[1]
OFFERED = re.compile(r"`(kiosk-server [^`]+)`")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One whose folder has to be quoted."""
    house = Store(tmp_path / "the store's [data] $HOME")
    yield house
    house.clear_away()


def offered(said: str) -> str:
    (command,) = OFFERED.findall(said)
    return str(command)


def typed(command: str, code: int = 0, **extra: str) -> str:
    """What somebody sees who types it into a shell of their own."""
    line = command.replace("kiosk-server", shlex.join(KIOSK_SERVER), 1)
    shell = ["sh", "-c", line]
    done = subprocess.run(
        shell, env=clean_environment(**extra), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def test_list_of_backups_is_that_of_the_store_in_question(store: Store) -> None:
    store.adds("L1", "lane")
    said = store.runs("restore", "none.db", "--yes", code=66)

    assert f"no backups in {store.folder}/backups" in typed(offered(said))


def test_verify_that_fails_offers_the_backups_of_its_store(store: Store) -> None:
    store.adds("L1", "lane")
    with sqlite3.connect(store.folder / "store.db") as database:
        database.execute("UPDATE journal SET data = replace(data, 'L1', 'LX')")
    database.close()
    said = store.runs("verify", code=65)

    assert f"no backups in {store.folder}/backups" in typed(offered(said))


def test_damage_found_while_reading_offers_the_backups_of_its_store(store: Store) -> None:
    store.adds("L1", "lane")
    made = store.answers("backup")
    (store.folder / "store.db").write_bytes(b"not a database at all")

    assert made["name"] in typed(offered(store.runs("verify", code=65)))


def test_drill_without_a_backup_offers_to_make_one_where_it_looked(store: Store, tmp_path: Path) -> None:
    store.adds("L1", "lane")
    typed(offered(store.runs("backup", "--drill", code=65)))
    typed(offered(store.runs("backup", "--drill", "--to", str(tmp_path / "a stick"), code=65)))

    store.runs("backup", "--drill")
    store.runs("backup", "--drill", "--to", str(tmp_path / "a stick"))


def test_terminal_is_enrolled_in_the_store_that_has_none(store: Store) -> None:
    store.runs("staff", "add", "--secret-from-stdin", "--role", "owner", "Olga", stdin="correct horse battery\n")
    typed(offered(store.runs("terminal", "list")))

    assert [row["name"] for row in store.answers("terminal", "list")] == ["L1"]


def test_promotions_go_into_the_store_that_has_none(store: Store) -> None:
    store.adds("L1", "lane")
    command = offered(store.runs("promotions", "list"))
    demo = HOUSE.parent / "config" / "demo" / "promotions.toml"

    typed(command.replace("FILE", shlex.quote(str(demo))))

    assert store.answers("promotions", "list", "--all")


def test_days_are_those_of_the_store_that_was_asked(store: Store) -> None:
    store.adds("L1", "lane")

    assert "No business day" in typed(offered(store.runs("archive", "2020-01-01", code=66)))


def test_codes_come_from_the_server_that_was_meant(store: Store) -> None:
    store.adds("L1", "lane")
    server = store.starts()
    at_the_start = server.says(lambda line: "prints a new code" in line)

    for said in (at_the_start, store.runs("staff", "list")):
        assert store.url in typed(offered(said) + " --json")
    store.runs("staff", "add", "--secret-from-stdin", "--role", "owner", "Olga", stdin="correct horse battery\n")
    named = store.runs("staff", "code", code=65)
    assert store.url in typed(named[named.index("kiosk-server staff") :].strip().replace("NAME", "Olga") + " --json")
    assert "Olga" in typed(offered(store.runs("staff", "reset", "Eve", code=65)))


@pytest.mark.parametrize("command", [["staff", "code"], ["terminal", "list"]])
def test_server_is_started_on_the_store_that_has_none_running(store: Store, command: list[str]) -> None:
    if command == ["staff", "code"]:
        store.adds("L1", "lane")
    said = store.runs(*command, code=69 if command == ["staff", "code"] else 66)
    line = offered(said).replace("kiosk-server", shlex.join(KIOSK_SERVER), 1)
    server = Process(["sh", "-c", f"exec {line} --listen 127.0.0.1:0"], clean_environment())
    try:
        server.says(lambda line: '"listening on' in line)
        assert store.answers("staff", "code")["code"]
    finally:
        server.clear_away()


def test_doctor_offers_commands_for_the_store_that_it_looked_at(store: Store) -> None:
    store.adds("L1", "lane")
    for what, done in (("backup", "reads back"), ("restore drill", "could be restored")):
        (text,) = (one["text"] for one in store.answers("doctor") if one["what"] == what)
        assert done in typed(offered(text))


def test_store_that_is_found_without_being_named_is_not_named(store: Store, tmp_path: Path) -> None:
    settings = tmp_path / "settings" / "kiosk-server"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(f"data_dir = {json.dumps(str(store.folder))}\n")
    store.adds("L1", "lane")
    found = {"XDG_CONFIG_HOME": str(settings.parent)}

    command = offered(store.runs("promotions", "list", **found))
    elsewhere = offered(store.runs("archive", "2020-01-01", code=66, XDG_CONFIG_HOME="/nonexistent"))

    assert command == "kiosk-server promotions import FILE"
    assert elsewhere == f"kiosk-server archive --data-dir {shlex.quote(str(store.folder))}"


def test_store_of_a_service_is_named_for_whoever_has_not_its_variables(store: Store) -> None:
    store.adds("L1", "lane")
    as_service = clean_environment(STATE_DIRECTORY=str(store.folder))
    done = subprocess.run(
        [*KIOSK_SERVER, "promotions", "list"], env=as_service, capture_output=True, text=True, timeout=60, check=True
    )

    assert f"--data-dir {shlex.quote(str(store.folder))}" in offered(done.stdout)


def test_no_command_is_offered_but_with_its_store() -> None:
    """`hint` and `as_typed` write them all. `config` is about no store, and help and pages about every one."""
    commands = "|".join(cli.COMMANDS.keys() - {"config"})
    by_hand = re.compile(rf"kiosk-server (?:{commands})\b")
    asked = [*(HOUSE / "cli").glob("*.py"), *(HOUSE / "store").glob("*.py"), *HOUSE.glob("*.py")]
    asked.append(HOUSE / "edge" / "administration.py")

    found = [
        f"{file.name}: {text}" for file in asked for text in _texts(ast.parse(file.read_text())) if by_hand.search(text)
    ]

    assert not found


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every string but the docstrings."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and _has_docstring(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _has_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None
