"""The light over a lane: what people must know of it from far away."""

from enum import StrEnum

from kiosk_server.domain import lane


class Light(StrEnum):
    FREE = "free"
    IN_USE = "in_use"
    HELP = "help"  # somebody of the staff is waited for
    CLOSED = "closed"


def light_of(state: str, *, is_help_wanted: bool, is_open: bool, is_training: bool) -> Light:
    """The light of a lane in this state; `is_open` is what the opening hours say.

    A lane on which people practise is closed to everybody else, but whoever needs help there gets it.
    """
    if is_help_wanted and state != lane.State.CLOSED:
        return Light.HELP
    if state == lane.State.CLOSED or is_training:
        return Light.CLOSED
    if state == lane.State.ATTRACT:
        return Light.FREE if is_open else Light.CLOSED
    if state == lane.State.RECEIPT:
        return Light.FREE if is_open else Light.IN_USE
    return Light.HELP if state == lane.State.HELD else Light.IN_USE
