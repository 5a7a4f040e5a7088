"""The demo store: what lies in config/demo, as terminals and items of an empty store.

Seeding twice changes nothing, and a start that was interrupted in the middle goes on with the tokens it had written.
"""

import hashlib
import os
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from kiosk_server.cli.exits import USAGE, Stop
from kiosk_server.cli.office import Office, open_office, reading
from kiosk_server.cli.options import hint
from kiosk_server.config import Config, samples_dir
from kiosk_server.domain.catalog import Item, ItemKind, Modifier, ModifierGroup
from kiosk_server.domain.commands import AddTerminal, ImportItems, ImportPromotions, SwitchSimulation
from kiosk_server.domain.money import parse_cents
from kiosk_server.domain.promotion import Promotion
from kiosk_server.domain.terminal import Kind
from kiosk_server.edge.catalog_file import Rules, read_catalog
from kiosk_server.edge.promotions_file import read_promotions
from kiosk_server.edge.tokens import digest, new_token
from kiosk_server.store.repositories import Repositories

SIMULATED_ALWAYS = frozenset({Kind.KITCHEN, Kind.MANAGER})


class DemoTerminal(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal of the demo with its token, which in a real store nobody would keep."""

    name: str
    kind: Kind
    token: str


class DemoNote(msgspec.Struct, frozen=True, kw_only=True):
    """DATA_DIR/demo.json. `seeded` is the fingerprint of the files that were imported, '' before that is done."""

    terminals: tuple[DemoTerminal, ...]
    seeded: str = ""


def demo_folder() -> Path:
    return samples_dir() / "demo"


def store_plan() -> dict[str, Any]:
    """store.toml: name, currency, terminals, fuels."""
    return tomllib.loads((demo_folder() / "store.toml").read_text("utf-8"))


def seed(config: Config) -> tuple[DemoTerminal, ...]:
    """Fill the store unless it is filled already; the terminals with their tokens. Raises Stop for a real store."""
    path = config.data_path / "demo.json"
    note = _read_note(path)
    if note is None:
        if config.store_path.exists():
            raise Stop(
                f"{config.data_path} holds a store that is not the demo. Nothing was changed. "
                f"Name another folder with --data-dir, or run `{hint(config, 'serve')}` for this one.",
                USAGE,
            )
        note = DemoNote(terminals=tuple(_new_terminals()))
        config.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_note(path, note)
    fingerprint = _fingerprint()
    if note.seeded != fingerprint:
        with open_office(config) as office:
            _fill(office, config, note)
        _write_note(path, msgspec.structs.replace(note, seeded=fingerprint))
    return note.terminals


def for_simulation(terminals: tuple[DemoTerminal, ...]) -> tuple[DemoTerminal, ...]:
    """All but those left to people."""
    for_people = set(store_plan()["for_people"])
    return tuple(one for one in terminals if one.name not in for_people)


def to_try(terminals: tuple[DemoTerminal, ...]) -> tuple[DemoTerminal, ...]:
    """One terminal of each kind for people; the console is reached by signing in."""
    free = set(store_plan()["for_people"])
    return tuple(one for one in terminals if one.name in free or one.kind is Kind.KITCHEN)


def _new_terminals() -> Iterator[DemoTerminal]:
    for kind, names in store_plan()["terminals"].items():
        for name in names:
            yield DemoTerminal(name=name, kind=Kind(kind), token=new_token())


def _fill(office: Office, config: Config, note: DemoNote) -> None:
    office.give(ImportItems(items=tuple(demo_items(config.store.tax_rates_bp)), source="demo"))
    office.give(ImportPromotions(promotions=demo_promotions(), source="demo", is_all=True))
    with reading(config) as database, database.read() as conn:
        known = {one.name for one in Repositories(conn).terminals()}
    for one in note.terminals:
        if one.name not in known:
            office.give(AddTerminal(terminal=one.name, kind=one.kind, token_hash=digest(one.token)))
    if not note.seeded:
        office.give(SwitchSimulation(is_on=True))


def demo_items(tax_rates_bp: dict[str, int]) -> Iterator[Item]:
    """Groceries, what lanes must weigh or ask about, menu and fuels, with these tax classes."""
    for name in ("catalog.csv", "lane.csv"):
        yield from read_catalog((demo_folder() / name).read_bytes(), Rules(tax_rates_bp=tax_rates_bp)).items
    yield from _menu(store_plan()["menu_tax"])
    for fuel in store_plan()["fuels"]:
        yield Item(
            item_id=fuel["id"],
            name=fuel["name"],
            kind=ItemKind.FUEL,
            unit_price_mills=int(Decimal(fuel["unit_price"]) * 1000),
            tax_class=store_plan()["fuel_tax"],
            category="Fuel",
        )


def demo_promotions() -> tuple[Promotion, ...]:
    return read_promotions((demo_folder() / "promotions.toml").read_bytes(), is_csv=False)


def _menu(tax_class: str) -> Iterator[Item]:
    menu = tomllib.loads((demo_folder() / "menu.toml").read_text("utf-8"))
    groups = {group_id: _group(group_id, row) for group_id, row in menu["groups"].items()}
    for row in menu["items"]:
        yield Item(
            item_id=row["id"],
            name=row["name"],
            kind=ItemKind.MENU,
            price_cents=parse_cents(row["price"]),
            tax_class=tax_class,
            category=row["category"],
            modifier_groups=tuple(groups[group_id] for group_id in row.get("groups", ())),
            allergens=tuple(row.get("allergens", ())),
        )


def _group(group_id: str, row: dict[str, Any]) -> ModifierGroup:
    modifiers = tuple(
        Modifier(modifier_id=one["id"], name=one["name"], price_cents=parse_cents(one["price"]))
        for one in row["modifiers"]
    )
    return ModifierGroup(
        group_id=group_id,
        name=row["name"],
        modifiers=modifiers,
        at_least=row.get("at_least", 0),
        at_most=row.get("at_most", 1),
    )


def _fingerprint() -> str:
    files = sorted(demo_folder().iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _read_note(path: Path) -> DemoNote | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=DemoNote)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _write_note(path: Path, note: DemoNote) -> None:
    write_private(path, msgspec.json.format(msgspec.json.encode(note)))


def write_private(path: Path, content: bytes) -> None:
    """A file that only its owner can read, whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)
