"""What every event is."""

import msgspec

from kiosk_server.domain.errors import snake_case


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=snake_case):
    """What every event is. `terminal` names whom it is about ('' where it is about the whole house)."""

    terminal: str = ""
