"""What a page weighs before it can be used: every script that its shell names, each gzipped by itself at level 9.

Style sheets, fonts, pictures and message catalogs are not counted; nor are the parts that a screen fetches once it is
idle (`later` in the manifest).
"""

import gzip
import json
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "kiosk_server" / "static" / "app"
KB = 1_000


def _manifest() -> dict[str, dict[str, list[str]]]:
    if not (APP / "manifest.json").is_file():
        pytest.skip("the screens were never built: python hatch_build.py")
    found: dict[str, dict[str, list[str]]] = json.loads((APP / "manifest.json").read_text())
    return found


def _weight(names: list[str]) -> int:
    return sum(len(gzip.compress((APP / name).read_bytes(), 9)) for name in names)


def test_lane_weighs_35_kb_of_script_before_the_first_scan() -> None:
    lane = _manifest()["lane"]
    first = [str(lane["js"]), *lane["chunks"]]
    assert _weight(first) <= 35 * KB, {name: _weight([name]) for name in first}


def test_nothing_is_both_first_and_later() -> None:
    for screen, row in _manifest().items():
        assert not {row["js"], *row["chunks"]} & set(row["later"]), screen
        assert all((APP / name).is_file() for name in [*row["chunks"], *row["later"]]), screen


def test_lane_fetches_its_sheets_later() -> None:
    later = "".join((APP / name).read_text() for name in _manifest()["lane"]["later"])
    assert "Search for an item" in later
    assert "Thank you" in later
