"""The plain pages speak the reader's language, all of them the same five, and say so."""

import re
from html import unescape
from pathlib import Path

import pytest
from jinja2 import Environment
from running_house import House

from kiosk_server.edge import failures, languages

TEMPLATES = Path(languages.__file__).parents[1] / "templates"
PAGES = ("signin.html", "welcome.html", "pair.html", "message.html")
TYPED = re.compile(r"`[^`]+`|\{[a-z]+\}")


def said_by_templates() -> set[str]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    return {
        text
        for name in PAGES
        for _, _, text in environment.extract_translations((TEMPLATES / name).read_text("utf-8"))
        if isinstance(text, str)
    }


@pytest.mark.parametrize("language", [language for language in languages.SPOKEN if language != "en"])
def test_every_text_of_a_page_is_translated(language: str) -> None:
    said = said_by_templates() | set(failures.TITLES.values()) | {failures.USUAL_TITLE}

    assert len(said) > 30
    assert said <= languages.catalog(language).keys()


@pytest.mark.parametrize("language", [language for language in languages.SPOKEN if language != "en"])
def test_translation_keeps_what_is_to_be_typed(language: str) -> None:
    for english, text in languages.catalog(language).items():
        assert TYPED.findall(text) == TYPED.findall(english)


@pytest.mark.parametrize(
    ("asked", "language", "direction"),
    [
        ("ar-EG,en;q=0.5", "ar", "rtl"),
        ("de-AT", "de", "ltr"),
        ("pt, es;q=0.8", "es", "ltr"),
        ("zh", "en", "ltr"),
        ("*", "en", "ltr"),
        ("", "en", "ltr"),
    ],
)
def test_sign_in_speaks_what_the_browser_asks_for(house: House, asked: str, language: str, direction: str) -> None:
    page = house.get("/signin", {"Accept-Language": asked}).text

    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"<h1>{languages.catalog(language).get('Sign in', 'Sign in')}</h1>" in page


def test_error_page_is_translated_and_english_remains_english(house: House) -> None:
    missing = unescape(house.get("/nowhere", {"Accept-Language": "ar"}).text)
    refused = house.get("/receipt/1", {"Accept-Language": "ar"}).text

    assert languages.catalog("ar")[failures.HTTP_MESSAGES[404][1]] in missing
    assert '<p class="message" lang="en" dir="ltr">Nobody is signed in here.' in refused
