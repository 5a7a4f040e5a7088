"""Orders about the house: its terminals, its catalog."""

from typing import Annotated

from msgspec import Meta

from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands.command import (
    Command,
    Name,
)
from kiosk_server.domain.terminal import Kind


class AddTerminal(Command, frozen=True):
    """Enrol a terminal. Only the SHA-256 of its token comes here; the token itself is never stored."""

    terminal: Name
    kind: Kind
    token_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class RetireTerminal(Command, frozen=True):
    """Revoke a terminal for good: its token dies and its sockets are closed."""

    terminal: Name


class OpenTerminal(Command, frozen=True):
    """Open a closed lane, stall or pump."""

    terminal: Name


class CloseTerminal(Command, frozen=True):
    """Close a free lane, stall or pump."""

    terminal: Name


class SwitchTraining(Command, frozen=True):
    """Let a free or closed lane be practised on, or let it sell again. Saying so twice changes nothing."""

    terminal: Name
    is_on: bool


class ImportItems(Command, frozen=True):
    """Put items into the catalog: new ones are added, changed ones changed, equal ones left. One transaction.

    Result: `{added, changed, unchanged}`. Never sent over the wire; the import of a file becomes this.
    """

    items: tuple[Item, ...]
    source: str = ""


class SwitchSimulation(Command, frozen=True):
    """Turn the demo store's simulated customers on or off."""

    is_on: bool
