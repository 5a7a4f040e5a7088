"""The language of the plain pages (sign-in, welcome, pairing, errors): what the browser asks for, of those we speak.

Texts are keyed by their English words; their translations are gettext catalogs in `texts/`. A text without one is
shown in English and marked as such, so that a reader of Arabic sees it run the right way.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request

SPOKEN: Final = ("en", "es", "fr", "de", "ar")
FOLDER: Final = Path(__file__).parents[1] / "texts"


@functools.cache
def catalog(language: str) -> Mapping[str, str]:
    """English text -> text; nothing for English itself."""
    if language == "en":
        return MappingProxyType({})
    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)
    return MappingProxyType(
        {str(message.id): str(message.string) for message in messages if message.id and message.string}
    )


def asked_for() -> str:
    """The best of our languages for the current request; English for a browser that does not say."""
    if not has_request_context():
        return "en"
    # Werkzeug's best_match prefers an exact `en` at q=0.5 to the `ar` in `ar-EG`; readers do not.
    wanted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in wanted if language in SPOKEN), "en")


def translated(text: str) -> str:
    """`text` in the language of the current request, or as it is."""
    return catalog(asked_for()).get(text, text)


def language_of(text: str) -> str:
    """In which language `translated` says it."""
    return asked_for() if text in catalog(asked_for()) else "en"


def install(app: Flask) -> None:
    """Let templates say `_("...")`, and give each page its language and direction."""

    def speech() -> dict[str, object]:
        language = asked_for()
        direction = Locale.parse(language).text_direction
        return {"_": translated, "language": language, "direction": direction, "language_of": language_of}

    app.context_processor(speech)
