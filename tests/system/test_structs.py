"""Structs that threads decode for the first time at the same moment, in processes that may crash."""

import subprocess
import sys

RACE = """
import sys, threading
from typing import Annotated
import msgspec
from kiosk_server.structs import prepare

sys.setswitchinterval(1e-6)
words = [(f"f{n}", Annotated[str, msgspec.Meta(min_length=1)]) for n in range(6)]
kinds = [msgspec.defstruct(f"S{n}", [*words, ("inner", msgspec.defstruct(f"I{n}", words))]) for n in range(1_000)]
assert prepare() >= set(kinds)
value = {name: "x" for name, _ in words}
together = threading.Barrier(6)
def decode():
    for kind in kinds:
        together.wait()
        msgspec.convert({**value, "inner": value}, kind)
threads = [threading.Thread(target=decode) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""

LATE = """
import importlib, pkgutil
import kiosk_server
from kiosk_server import serve
from kiosk_server.structs import prepare

known = prepare()
commands = ("cli", "__main__", "note", "store.migrations", "store.archive", "edge.catalog_", "edge.promotions_file")
for module in pkgutil.walk_packages(kiosk_server.__path__, "kiosk_server."):
    if not module.name.removeprefix("kiosk_server.").startswith(commands):
        importlib.import_module(module.name)
print(*sorted(kind.__qualname__ for kind in prepare() - known))
"""


def runs(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr or f"ended by signal {-done.returncode}"
    return done.stdout.strip()


def test_threads_may_decode_what_was_prepared() -> None:
    """Without it this process ends by signal 11."""
    runs(RACE)


def test_every_struct_of_the_server_is_there_when_it_starts() -> None:
    assert runs(LATE) == ""
