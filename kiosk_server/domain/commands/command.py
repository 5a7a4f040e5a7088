"""What every command is made of: the struct all share, and field types that hold the limits."""

from typing import Annotated

import msgspec
from msgspec import Meta

from kiosk_server.domain.basket import MAX_QUANTITY
from kiosk_server.domain.errors import snake_case
from kiosk_server.domain.scale import MAX_WEIGHT_G

MAX_CODE_LENGTH = 512

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]
Cents = Annotated[int, Meta(ge=0, le=100_000_000)]
Grams = Annotated[int, Meta(ge=-MAX_WEIGHT_G, le=MAX_WEIGHT_G)]
# Python's `$` also matches before a last newline; the look-ahead takes that back, and JSON Schema reads it the same.
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$(?!\n)")]
LineId = Annotated[int, Meta(ge=0, le=1_000_000)]  # without a limit, 2**63 would first be refused by SQLite
Note = Annotated[str, Meta(max_length=500)]
Secret = Annotated[str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
NetworkText = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[0-9A-Fa-f:./]+$(?!\n)")]


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="name", tag=snake_case, forbid_unknown_fields=True):
    """What every command is: frozen, tagged with its wire name, refusing fields it does not know."""
