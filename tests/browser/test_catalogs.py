"""The message catalogs say everything that the screens say, in every language, with every plural."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
WEB = ROOT / "kiosk_client" / "web"
LANGUAGES = ("en", "es", "fr", "de", "ar")
CALL = re.compile(r"""\b(tn?)\(\s*"((?:[^"\\]|\\.)*)"(?:,\s*"((?:[^"\\]|\\.)*)")?""")
FIELD = re.compile(r"\{\w+\}")


def _said() -> set[tuple[str, ...]]:
    """Every `t("...")` and `tn("...", "...")` in the sources."""
    found: set[tuple[str, ...]] = set()
    for path in WEB.rglob("*.ts*"):
        if {"node_modules", "build"}.isdisjoint(path.parts):
            for name, one, many in CALL.findall(path.read_text(encoding="utf-8")):
                found.add((one, many) if name == "tn" else (one,))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalog_says_all_that_the_screens_say(language: str) -> None:
    with (WEB / "i18n" / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    said = {(message.id,) if isinstance(message.id, str) else tuple(message.id): message for message in catalog}
    said.pop(("",))
    assert set(said) == _said(), "messages are missing, or no longer said"
    for ids, message in said.items():
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(texts), f"{ids[0]!r} is not translated"
        assert len(texts) == (1 if len(ids) == 1 else catalog.num_plurals)
        # A singular may say "one" in words; everything else must keep its values.
        wanted = set(FIELD.findall(ids[-1]))
        for text in texts:
            assert set(FIELD.findall(text)) <= wanted
            assert wanted - set(FIELD.findall(text)) <= ({"{n}"} if len(ids) == 2 else set()), text


def test_compiled_catalog_has_every_plural_category_of_its_language(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    hook.compile_catalogs(WEB / "i18n", tmp_path)
    for language in LANGUAGES:
        texts = json.loads((tmp_path / f"{language}.messages").read_text(encoding="utf-8"))
        assert set(texts["{n} item"]) == set(Locale.parse(language).plural_form.tags) | {"other"}
    arabic = json.loads((tmp_path / "ar.messages").read_text(encoding="utf-8"))["{n} item"]
    assert arabic == {
        "zero": "لا منتجات",
        "one": "منتج واحد",
        "two": "منتجان",
        "few": "{n} منتجات",
        "many": "{n} منتجًا",
        "other": "{n} منتج",
    }
