"""kill -9 under load: what was answered is there once, nothing is half, and every lane goes on where it was."""

import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

from kiosk_server.store import journal
from kiosk_server.store.connection import connect
from kiosk_server.store.db import Database
from kiosk_server.store.journal import Entry
from kiosk_server.store.verify import verify

HERE = Path(__file__).parent
LANES = 12
KILLS = 6


def run_and_kill(folder: Path, answered: dict[str, int], answers: int) -> dict[str, list[tuple[int, int]]]:
    """Let the lanes run until so many answers were heard, kill, and give every answer that was heard by then."""
    command = [sys.executable, str(HERE / "lanes_under_load.py"), str(folder), str(LANES)]
    command += [f"{lane}={number}" for lane, number in answered.items()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(HERE.parent)})
    assert process.stdout is not None
    heard: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in process.stdout:
        lane, number, seq = line.split()
        heard[lane].append((int(number), int(seq)))
        answers -= 1
        if answers == 0:
            process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait(60) == -signal.SIGKILL, "it died before it was killed"
    return heard


def entries_of(store: Path) -> list[Entry]:
    with closing(connect(store, "ro")) as driver:
        return journal.since(driver, 0, 1_000_000)


def test_a_store_killed_again_and_again_keeps_every_answer_once(tmp_path: Path) -> None:
    chance = random.Random(20261120)
    answered: dict[str, int] = {}
    everything: dict[str, int] = {}
    for _ in range(KILLS):
        heard = run_and_kill(tmp_path, answered, chance.randrange(20, 1500))
        for lane, numbers in heard.items():
            for number, seq in numbers:
                everything[f"{lane}-{number}"] = seq
            answered[lane] = numbers[-1][0] + 1
    database = Database(tmp_path / "store.db")
    database.open()
    database.close()
    verdict = verify(tmp_path / "store.db")
    assert verdict.is_whole, verdict.problem

    entries = entries_of(tmp_path / "store.db")
    seqs_of: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        seqs_of[entry.key].append(entry.seq)
    for key, seq in everything.items():
        assert seqs_of[key], f"{key} was acknowledged and is gone"
        assert seqs_of[key][-1] == seq, f"{key} was answered as {seq} and is recorded at {seqs_of[key]}"
    for key, seqs in seqs_of.items():
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), f"{key} is recorded in pieces: {seqs}"

    # No number of any lane is missing or doubled: what was in flight at a kill was sent again and had one effect.
    scans = Counter(entry.key for entry in entries if entry.type == "item_scanned")
    assert set(scans.values()) == {1}
    for lane, number in answered.items():
        assert all(seqs_of[f"{lane}-{n}"] for n in range(number))
    receipts = [entry.event.receipt.number for entry in entries if entry.type == "basket_paid"]  # type: ignore[attr-defined]
    assert receipts == list(range(1, len(receipts) + 1))
    assert receipts, "nobody paid; the run was too short to prove anything"
