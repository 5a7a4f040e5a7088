"""Labels that the store prints itself: a number of its own range with a price, a weight or a count inside.

GS1 leaves the ranges 02 and 20 to 29 (UPC-A: number system 2) to each region, and most regions to each store, so how
they are read is a setting. A rule is written as the 12 digits before the last check digit:

    2 0 ...   the digits that the number must begin with: 02 or 20 to 29 and perhaps more
    I         the item's number
    V         the check digit over price or weight (General Specifications 7.9.2 to 7.9.4; over 4 or 5 digits)
    P         price in the store's currency      "PP.PP" has two decimals
    W         weight in kilograms                "WW.WWW" is in grams
    N         number of pieces
    x         a digit that says nothing here

"02IIIIIVPP.PP" is what North American scales print; its UPC-A spelling "2IIIIIVPP.PP" means the same. PRESETS names
whole sets: those of the nine countries are the recommendations of their GS1 organisations (the tests hold them
against biip's, which has the same nine). Where an organisation leaves it to the store, as in the United States, no
recommendation can be right for all: compare with what your scale prints.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec
from biip.checksums import gs1_price_weight_check_digit

from kiosk_server.domain.gtin import with_check_digit
from kiosk_server.domain.money import divide_half_up
from kiosk_server.domain.reading import Label, Measure

DIGITS = 12
_BALTIC = ("23IIIIIIW.WWW", "24IIIIIIWW.WW", "25IIIIIIWWW.W")
_NORDIC = ("20IIIIIIPP.PP", "21IIIIIIPPP.P", "22IIIIIIPPPP", *_BALTIC)

PRESETS: dict[str, tuple[str, ...]] = {
    "us": ("02IIIIIVPP.PP",),
    "us-5": ("02IIIIVPPP.PP",),
    "eu": (
        "02IIIIIVPP.PP",
        *(f"{prefix}IIIIIPPP.PP" for prefix in (21, 22, 23, 24)),
        *(f"{prefix}IIIIIWW.WWW" for prefix in (27, 28, 29)),
    ),
    "de": (
        *(f"{prefix}IIIIVPPP.PP" for prefix in (22, 23)),
        *(f"{prefix}IIIIVNNNNN" for prefix in (25, 26)),
        *(f"{prefix}IIIIVWW.WWW" for prefix in (28, 29)),
    ),
    "dk": (
        *(f"{prefix}IIIIPPPP.PP" for prefix in (21, 22, 23, 24)),
        "26IIIIWWW.WWW",
        "27IIIIIWW.WWW",
        "28IIIIWWW.WWW",
    ),
    "ee": _BALTIC,
    "fi": _BALTIC,
    "gb": ("20IIIIIVPP.PP",),
    "lt": _BALTIC,
    "lv": _BALTIC,
    "no": _NORDIC,
    "se": _NORDIC,
}

_FORM = re.compile(r"(?P<prefix>(?:02|2\d)\d*)(?P<fields>[IVPWNx.]+)", re.ASCII)


class BadRule(ValueError):  # noqa: N818 - a sentence for people, like a Refusal
    """A rule that cannot be meant, in words for whoever wrote the setting."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, taken apart: where in the 12 digits each field stands, as (start, end)."""

    prefix: str
    item: tuple[int, int]
    value: tuple[int, int]
    kind: str
    decimals: int
    check: int | None = None


def rules_of(settings: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that these presets and patterns mean, longest prefix first. Raises BadRule."""
    return _compiled(tuple(settings))


@lru_cache(maxsize=16)
def _compiled(settings: tuple[str, ...]) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for setting in settings:
        for pattern in PRESETS.get(setting.strip().lower(), (setting,)):
            rule = parse_rule(pattern)
            if rule.prefix in rules:
                raise BadRule(f"{pattern!r}: another rule reads the numbers that begin with {rule.prefix} already")
            rules[rule.prefix] = rule
    return tuple(sorted(rules.values(), key=lambda rule: (-len(rule.prefix), rule.prefix)))


def parse_rule(pattern: str) -> Rule:
    """A pattern such as "21IIIIIPPP.PP". Raises BadRule."""
    text = pattern.strip()
    digits = text.replace(".", "")
    if len(digits) == DIGITS - 1 and text.startswith("2"):
        text, digits = f"0{text}", f"0{digits}"  # a UPC-A: one zero short of an EAN-13
    form = _FORM.fullmatch(text)
    if form is None or len(digits) != DIGITS:
        raise BadRule(
            f"{pattern!r} is neither one of {', '.join(sorted(PRESETS))} nor a rule: it needs {DIGITS} digits that "
            "begin with 02 or 20 to 29, such as 21IIIIIPPP.PP"
        )
    value = _value(pattern, digits)
    kind = digits[value[0]]
    before, point, after = text.partition(".")
    if point and ("." in after or before[-1] != kind or after[:1] != kind):
        raise BadRule(f"{pattern!r}: the point belongs between two digits of the {_NAMES[kind]}")
    return Rule(
        prefix=form["prefix"],
        item=_span(pattern, digits, "I"),
        value=value,
        kind=kind,
        decimals=after.count(kind),
        check=_check(pattern, digits, value),
    )


_NAMES = {"P": "price", "W": "weight", "N": "number of pieces"}


def _value(pattern: str, digits: str) -> tuple[int, int]:
    kinds = sorted(set(digits) & set(_NAMES))
    if len(kinds) != 1:
        raise BadRule(f"{pattern!r}: exactly one of P (price), W (weight) and N (pieces) must be in it")
    if kinds == ["N"] and "." in pattern:
        raise BadRule(f"{pattern!r}: pieces have no decimals")
    return _span(pattern, digits, kinds[0])


def _span(pattern: str, digits: str, letter: str) -> tuple[int, int]:
    start, end = digits.find(letter), digits.rfind(letter) + 1
    if start < 0 or digits[start:end] != letter * (end - start):
        raise BadRule(f"{pattern!r}: the digits {letter} must be there, side by side")
    return start, end


def _check(pattern: str, digits: str, value: tuple[int, int]) -> int | None:
    if "V" not in digits:
        return None
    if digits.count("V") > 1 or value[1] - value[0] not in {4, 5}:
        raise BadRule(f"{pattern!r}: there is one check digit V, over a price or weight of 4 or 5 digits")
    return digits.index("V")


def read_label(digits: str, rules: tuple[Rule, ...]) -> Label | None:
    """What the first rule that fits says of a canonical GTIN of 13 digits; None where none fits."""
    rule = next((one for one in rules if digits.startswith(one.prefix)), None)
    if rule is None or len(digits) != DIGITS + 1:
        return None
    item, value = digits[slice(*rule.item)], digits[slice(*rule.value)]
    return Label(
        code=digits,
        lookups=_lookups(digits, rule, item),
        measure=_measure(rule, int(value)),
        found=None if rule.check is None else int(digits[rule.check]),
        expected=None if rule.check is None else gs1_price_weight_check_digit(value),
    )


def _lookups(digits: str, rule: Rule, item: str) -> tuple[str, ...]:
    """The number with nothing measured, as wholesalers list it; then the item's own number, a PLU as a rule."""
    blank = list(digits[:DIGITS])
    for place in (*range(*rule.value), *(() if rule.check is None else (rule.check,))):
        blank[place] = "0"
    short = item.lstrip("0")
    return tuple(dict.fromkeys((with_check_digit("".join(blank)), *((short, item) if short else ()))))


def _measure(rule: Rule, value: int) -> Measure:
    scale: int = 10**rule.decimals
    if rule.kind == "W":
        return Measure(weight_g=divide_half_up(value * 1000, scale))
    if rule.kind == "N":
        return Measure(pieces=value)
    return Measure(price_cents=divide_half_up(value * 100, scale))
