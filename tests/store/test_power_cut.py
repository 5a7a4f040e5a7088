"""The power goes at any moment: nothing acknowledged is lost, nothing is half, the store opens by itself.

KIOSK_TORTURE=1 takes a thousand states of a new seed each time instead of a few of one seed.
"""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest
from power_cut import Recording, record

from kiosk_server.store import journal
from kiosk_server.store.db import Database
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.verify import verify

IS_TORTURE = bool(os.environ.get("KIOSK_TORTURE"))
STATES = 1000 if IS_TORTURE else 150
COMMANDS = 120
SEED = random.SystemRandom().randrange(2**32) if IS_TORTURE else 20261120


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    if shutil.which("strace") is None:
        pytest.skip("POWER CUT NOT TESTED: strace is not installed (apt-get install strace)")
    folder = tmp_path_factory.mktemp("recorded")
    workload = Path(__file__).with_name("power_cut_workload.py")
    place = folder / "data"
    place.mkdir()
    made = record([sys.executable, str(workload), str(place), str(COMMANDS)], place, folder / "trace")
    assert sum(operation.kind == "ack" for operation in made.operations) >= COMMANDS
    return made


def test_store_after_a_power_cut_opens_whole_with_all_it_promised(recording: Recording, tmp_path: Path) -> None:
    promised = 0
    for place, acks in recording.states(STATES, SEED, tmp_path):
        with_store = Database(place / "store.db")
        with_store.open()
        try:
            with with_store.read() as conn:
                written = {row["key"] for row in journal.export(driver_of(conn))}
            lost = [key for key in acks if key not in written]
            assert not lost, f"seed {SEED}, {place.name}: acknowledged and gone: {lost[:5]}"
        finally:
            with_store.close()
        verdict = verify(place / "store.db")
        assert verdict.is_whole, f"seed {SEED}, {place.name}: {verdict.problem}"
        promised += len(acks)
    assert promised > STATES, "cuts must fall among the acknowledgements too"
