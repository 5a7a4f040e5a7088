"""What the server says in its own words can be said in the console's language too."""

import re
from pathlib import Path

import pytest

from kiosk_server.domain.sentence import Sentence, as_wire
from kiosk_server.edge.guard_rules import SENTENCES, WHYS
from kiosk_server.edge.network import TABLES

ROOT = Path(__file__).parents[2]
WEB = ROOT / "kiosk_client" / "web" / "manager"
MADE = re.compile(r'Sentence\(\s*"(\w+)"')
EITHER = re.compile(r'Sentence\("(\w+)" if [^,]+ else "(\w+)"')


def test_sentence_is_english_to_all_who_do_not_ask_further() -> None:
    inner = Sentence("denied", "the settings {verb} it away", verb="turn")
    said = Sentence("turned_away", "It is turned away ({status}): {why}.", status=403, why=inner)
    assert said == "It is turned away (403): the settings turn it away."
    assert type(str(said)) is str
    assert as_wire(said) == {
        "code": "turned_away",
        "values": {"status": "403", "why": {"code": "denied", "values": {"verb": "turn"}, "text": str(inner)}},
        "text": str(said),
    }
    assert as_wire("plain") == {"code": "", "values": {}, "text": "plain"}
    assert as_wire(None) is None


@pytest.mark.parametrize("braces", ["{}", "{0}", "{why.__class__}", "%s"])
def test_sentence_takes_any_value_as_it_is(braces: str) -> None:
    assert Sentence("x", "It said {text}.", text=braces) == f"It said {braces}."


def test_console_has_words_for_every_sentence() -> None:
    known = set(re.findall(r'^  "?([\w-]+)"?: \(', (WEB / "sentences.ts").read_text(encoding="utf-8"), re.MULTILINE))
    said = set(WHYS) | set(TABLES)
    for path in (ROOT / "kiosk_server").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        said |= set(MADE.findall(text)) | {code for pair in EITHER.findall(text) for code in pair}
    said.remove("closed_zones")  # it has words for every screen, and stands by itself
    assert len(said) > 25
    assert said - known == set()


def test_console_has_words_for_every_reason() -> None:
    known = set(re.findall(r"^    (\w+): \(", (WEB / "networks.ts").read_text(encoding="utf-8"), re.MULTILINE))
    assert {reason.value for reason in SENTENCES} - known == set()
