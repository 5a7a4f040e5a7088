"""Names that can be seen."""

import pytest

from kiosk_server.domain.errors import BadRequest
from kiosk_server.domain.names import DEFAULT_IGNORABLE, check_visible


@pytest.mark.parametrize(
    "name", ["Olga Ärzte", "O'Brien-Smith", "A\u0308da", "أولغا", "オルガ", "김영희", "ओल्गा", "lane #3"]
)
def test_name_of_any_script_can_be_seen(name: str) -> None:
    check_visible(name, "person")


@pytest.mark.parametrize("letter", ["\u00ad", "\u034f", "\u115f", "\u17b5", "\u180d", "\u200b", "\u202e", "\u2060"])
@pytest.mark.parametrize("name", ["Olga{}", "{}", "Ol{}ga"])
def test_letter_that_is_drawn_as_nothing_is_refused(name: str, letter: str) -> None:
    with pytest.raises(BadRequest, match=r"A terminal's name .* can be seen"):
        check_visible(name.format(letter), "terminal")


@pytest.mark.parametrize(
    "letter",
    ["\u2800", "\u3164", "\ufe0f", "\uffa0", "\U0001bca0", "\U0001d173", "\U000e0100", "\U000e0041", "\n", "\x7f"],
)
def test_what_is_drawn_as_nothing_is_refused_in_every_plane(letter: str) -> None:
    with pytest.raises(BadRequest):
        check_visible(f"Olga{letter}", "person")


def test_table_is_that_of_the_standard() -> None:
    """The file gives their count behind them: "Total code points: 4174"."""
    assert sum(last - first + 1 for first, last in DEFAULT_IGNORABLE) == 4174
    assert list(DEFAULT_IGNORABLE) == sorted(DEFAULT_IGNORABLE)
