"""What the front door fills in: nobody may send it, and something fills it in."""

import pytest

from kiosk_server.domain.commands import FILLED_IN, ScanItem
from kiosk_server.domain.commands.command import Command
from kiosk_server.domain.errors import BadRequest
from kiosk_server.edge import wire
from kiosk_server.edge.sealing import SEALS

ON_WIRE = {kind: name for name, kind in wire.ON_WIRE.items()}


def test_every_command_with_such_a_field_has_what_fills_it_in() -> None:
    assert FILLED_IN.kinds() <= SEALS.keys()
    assert len(FILLED_IN.kinds()) == 10


@pytest.mark.parametrize("kind", sorted(FILLED_IN.kinds(), key=lambda kind: kind.__name__))
def test_whoever_sends_such_a_field_is_refused(kind: type[Command]) -> None:
    for field in FILLED_IN.of(kind):
        with pytest.raises(BadRequest, match=f"unknown field `{field}`"):
            wire.read_order({"key": "k", "name": ON_WIRE[kind], "data": {field: None}})


def test_other_commands_have_none() -> None:
    assert FILLED_IN.of(ScanItem) == frozenset()
