"""The command line of a store, with its server running and without."""

import csv
import hashlib
import json
import os
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest
from store_process import KIOSK_SERVER, Store, ask, give

MILK = "4006381333931"
ROWS = f"barcode,name,price\n{MILK},Milk,1.29\n2000000000077,Bread,\n2000000000078,Broken,1.00\n"
REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "openfoodfacts-products.csv"


@pytest.fixture
def items(tmp_path: Path) -> Path:
    file = tmp_path / "items.csv"
    file.write_text(ROWS)
    return file


def test_terminal_is_enrolled_and_its_token_opens_its_screen(either: Store) -> None:
    added = either.answers("terminal", "add", "Lane 7 é", "--kind", "lane")
    if either.server is None:
        either.starts()

    screen = ask(f"{either.url}/api/v1/screen", added["token"])

    assert added.keys() == {"name", "kind", "token", "url"}
    assert added["url"].endswith(f"/enrol/{added['token']}")
    assert screen["state"]["terminal"]["name"] == "Lane 7 é"


def test_retired_terminal_is_out_and_its_name_is_gone(either: Store) -> None:
    token = either.adds("L1", "lane")

    either.runs("terminal", "retire", "L1")
    said = either.runs("terminal", "add", "L1", "--kind", "lane", code=65)

    assert "L1" in said
    assert [row["enrolment"] for row in either.answers("terminal", "list")] == ["retired"]
    if either.server is None:
        either.starts()
    assert ask(f"{either.url}/api/v1/screen", token)["code"] == "not_signed_in"


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "no text \udcff"])
def test_terminal_with_a_bad_name_is_refused(store: Store, name: str) -> None:
    assert "Nothing was added" in store.runs("terminal", "add", "--kind", "lane", "--", name, code=65)


def test_unknown_kind_is_a_mistake_in_the_command(store: Store) -> None:
    assert "pump" in store.runs("terminal", "add", "L1", "--kind", "till", code=64)


def test_import_takes_the_good_rows_and_writes_the_others_beside(either: Store, items: Path) -> None:
    first = either.answers("catalog", "import", str(items))
    again = either.answers("catalog", "import", str(items))

    assert (first["added"], first["refused"], first["unpriced"]) == (2, 1, 1)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)
    with open(first["rejected_file"], encoding="utf-8", newline="") as file:
        (rejected,) = csv.DictReader(file)
    assert Path(first["rejected_file"]) == items.with_name("items.rejected.csv")
    assert rejected["line"] == "4"
    assert "wrong check digit 8" in rejected["reason"]
    assert rejected["name"] == "Broken"


def test_item_without_a_price_is_for_sale_only_with_a_default(store: Store, items: Path) -> None:
    store.runs("catalog", "import", str(items))
    token = store.adds("L1", "lane")
    store.starts()

    refused = give(store, token, "k1", "scan_item", code="2000000000077")
    store.runs("catalog", "import", str(items), "--default-price", "0.99")
    sold = give(store, token, "k2", "scan_item", code="2000000000077")

    assert refused["code"] == "not_for_sale"
    assert sold["result"]["line"]["unit_price_cents"] == 99


def test_refused_rows_go_to_the_data_directory_where_the_inputs_cannot_be_written(store: Store, tmp_path: Path) -> None:
    # A directory in its place: root may write everywhere, but not there.
    file = tmp_path / "items.csv"
    file.write_text(ROWS)
    (tmp_path / "items.rejected.csv").mkdir()

    summary = store.answers("catalog", "import", str(file))

    assert Path(summary["rejected_file"]) == store.folder / "items.rejected.csv"
    assert Path(summary["rejected_file"]).is_file()


def test_file_that_is_no_catalog_changes_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")

    assert "barcode and name" in store.runs("catalog", "import", str(tmp_path / "x.csv"), code=65)
    assert "No such file" in store.runs("catalog", "import", str(tmp_path / "none.csv"), code=66)
    assert not store.folder.exists()


@pytest.mark.skipif(not REAL_FILE.is_file(), reason=f"the real product file is not here ({REAL_FILE.name})")
def test_ten_thousand_real_products_go_in_and_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    file = tmp_path / REAL_FILE.name
    file.write_bytes(REAL_FILE.read_bytes())
    store.starts()

    first = store.answers("catalog", "import", str(file), "--default-price", "1.99")
    again = store.answers("catalog", "import", str(file), "--default-price", "1.99")

    assert first["rows"] == 10_000
    assert first["added"] + first["refused"] == 10_000
    assert first["added"] > 9_900
    assert (again["added"], again["changed"]) == (0, 0)
    assert sum(row["type"] == "items_imported" for row in store.journal()) == -(-first["added"] // 500)


def test_journal_is_a_chain_that_anybody_can_check(either: Store, items: Path) -> None:
    either.runs("catalog", "import", str(items))
    either.adds("L1", "lane")

    rows = either.journal()

    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert {"seq", "at", "type", "key", "terminal", "data", "hash"} <= rows[0].keys()
    assert len({row["hash"] for row in rows}) == len(rows)
    assert either.journal()[1:] == [
        json.loads(line) for line in either.runs("journal", "export", "--since", "1").splitlines()
    ]
    assert all(len(bytes.fromhex(row["hash"])) == hashlib.sha256().digest_size for row in rows)


def test_verify_names_the_row_that_was_changed(either: Store) -> None:
    either.adds("L1", "lane")
    either.adds("L2", "lane")
    assert "Whole" in either.runs("verify")
    if either.server is not None:
        either.is_killed()

    with sqlite3.connect(either.folder / "store.db") as database:
        database.execute("UPDATE journal SET data = replace(data, 'L2', 'LX') WHERE seq = 2")
    database.close()

    said = either.runs("verify", code=65)
    assert "row 2" in said


def test_verify_finds_a_tail_that_was_cut_off_by_the_head_kept_elsewhere(store: Store) -> None:
    store.adds("L1", "lane")
    backup = store.answers("backup")
    store.adds("L2", "lane")
    last = store.journal()[-1]
    store.runs("restore", f"{backup['folder']}/{backup['name']}", "--yes")

    store.runs("verify")
    said = store.runs("verify", "--head", f"{last['seq']}:{last['hash']}", code=65)

    assert "2" in said


def test_backup_of_a_running_store_can_be_put_back(store: Store, items: Path) -> None:
    store.runs("catalog", "import", str(items))
    token = store.adds("L1", "lane")
    store.starts()
    give(store, token, "k1", "scan_item", code=MILK)
    backup = store.answers("backup")
    file = Path(backup["folder"]) / backup["name"]
    give(store, token, "k2", "scan_item", code=MILK)

    assert "in use" in store.runs("restore", str(file), "--yes", code=75)
    store.is_told_to_stop()
    store.runs("restore", str(file), "--yes")
    store.starts()

    (line,) = ask(f"{store.url}/api/v1/screen", token)["state"]["basket"]["lines"]
    assert line["quantity"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(store.folder.glob("replaced-*/store.db"))
    store.runs("verify")


def test_damaged_backup_is_refused_and_changes_nothing(store: Store) -> None:
    store.adds("L1", "lane")
    backup = store.answers("backup")
    file = Path(backup["folder"]) / backup["name"]
    with file.open("r+b") as opened:
        opened.seek(5000)
        opened.write(b"damage")

    assert "not what was written" in store.runs("restore", str(file), "--yes", code=65)
    assert "not there" in store.runs("restore", "none.db", "--yes", code=66)
    assert [row["name"] for row in store.answers("terminal", "list")] == ["L1"]


def test_drill_proves_the_newest_backup_and_finds_a_bad_one(store: Store) -> None:
    assert "no backup" in store.runs("backup", "--drill", code=65)
    store.adds("L1", "lane")
    backup = store.answers("backup")

    proved = store.answers("backup", "--drill")
    with (Path(backup["folder"]) / backup["name"]).open("r+b") as opened:
        opened.truncate(5000)
    said = store.runs("backup", "--drill", code=65)

    assert proved["rows"] == backup["seq"]
    assert "drill failed" in said


def test_backup_to_another_folder_thins_out_nothing(store: Store, tmp_path: Path) -> None:
    store.adds("L1", "lane")
    made = store.answers("backup", "--to", str(tmp_path / "stick"))

    assert Path(made["folder"]) == tmp_path / "stick"
    assert (tmp_path / "stick" / f"{made['name']}.json").exists()
    assert not (store.folder / "backups").exists()


def test_code_makes_the_first_owner_and_only_at_a_running_server(store: Store) -> None:
    store.adds("L1", "lane")
    assert "Start it" in store.runs("staff", "code", code=69)
    store.starts()

    issued = store.answers("staff", "code")

    assert issued["url"] == f"{store.url}/welcome?code={issued['code']}"
    assert issued["expires_s"] > 0
    assert "█" in store.runs("staff", "code", PYTHONIOENCODING="utf-8")


def test_new_store_says_where_its_first_owner_comes_from_and_an_owned_one_does_not(store: Store) -> None:
    server = store.starts()
    assert f"{store.url}/welcome?code=" in server.says(lambda line: "/welcome" in line)
    assert not [line for line in server.lines if line.startswith("{") and "welcome" in line], "never in the log"
    store.is_told_to_stop()
    store.runs("staff", "add", "--secret-from-stdin", "--role", "owner", "Olga", stdin="correct horse battery\n")
    server = store.starts()
    assert store.is_told_to_stop() == 0
    assert not [line for line in server.lines if "welcome" in line]


def test_people_are_added_listed_and_retired_with_and_without_a_server(store: Store) -> None:
    store.adds("L1", "lane")
    hires = ("staff", "add", "--secret-from-stdin", "--role")
    store.runs(*hires, "owner", "Olga", stdin="correct horse battery\n")
    assert "too easy" in store.runs(*hires, "cashier", "Max", stdin="1234\n", code=65)
    store.starts()
    store.runs(*hires, "cashier", "Max", stdin="71394258\n")
    assert "taken" in store.runs(*hires, "cashier", "max", stdin="71394258\n", code=65)
    assert "is for somebody" in store.runs("staff", "code", code=65)
    assert "/signin?code=" in store.answers("staff", "code", "Max")["url"]
    assert "/welcome?code=" in store.answers("staff", "reset", "max")["url"]
    assert "nobody called" in store.runs("staff", "reset", "Eve", code=65)
    assert "last owner" in store.runs("staff", "retire", "Olga", code=65)
    store.runs("staff", "retire", "Max")

    people = [(row["name"], row["role"], row["secret"], row["is_retired"]) for row in store.answers("staff", "list")]

    assert people == [("Olga", "owner", "password", False), ("Max", "cashier", "pin", True)]
    exported = store.runs("journal", "export")
    assert "argon2" not in exported
    assert "71394258" not in exported
    assert store.answers("verify")["is_whole"]


def test_note_of_a_killed_server_does_not_mislead(store: Store) -> None:
    store.starts()
    store.is_killed()

    assert (store.folder / "server.json").exists()
    store.adds("L1", "lane")
    assert [row["name"] for row in store.answers("terminal", "list")] == ["L1"]


def test_commands_reach_a_server_behind_a_proxy_on_the_same_machine(store: Store) -> None:
    store.starts(KIOSK_NETWORK_TRUSTED_PROXIES="127.0.0.1")

    store.adds("L1", "lane")

    assert store.answers("staff", "code")["code"]


def test_reading_where_there_is_no_store_says_so(store: Store) -> None:
    for command in (["journal", "export"], ["verify"], ["backup"], ["terminal", "list"]):
        assert "There is no store" in store.runs(*command, code=66)
    assert not store.folder.exists()


def test_reader_that_has_seen_enough_ends_it_without_a_word(store: Store, items: Path) -> None:
    store.runs("catalog", "import", str(items))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [*KIOSK_SERVER, "journal", "export"],
            env=store.environment,
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.stderr == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can command another user's store")
def test_what_root_makes_in_a_store_belongs_to_the_stores_user(either: Store, items: Path) -> None:
    either.adds("L1", "lane")
    nobody = 65534
    for path in (either.folder, *either.folder.rglob("*")):
        os.chown(path, nobody, nobody)
    bait = either.folder / "bait"
    target = items.with_name("of-root")
    target.touch()
    bait.symlink_to(target)

    either.runs("catalog", "import", str(items))
    either.runs("backup")

    made = [path for path in either.folder.rglob("*") if path != bait]
    assert any(path.parent.name == "backups" for path in made)
    assert {path.stat().st_uid for path in made} == {nobody}
    assert target.stat().st_uid == 0


@pytest.mark.parametrize("arguments", [["nonsense"], ["terminal"], ["catalog", "import"], ["serve", "--set", "x"]])
def test_mistake_in_a_command_ends_with_the_exit_code_for_usage(store: Store, arguments: list[str]) -> None:
    store.runs(*arguments, code=64)


def test_every_command_has_its_help(store: Store) -> None:
    from kiosk_server.cli import COMMANDS, program

    for name, (_, _, line) in COMMANDS.items():
        command = program.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.help
        assert line.endswith(".")
