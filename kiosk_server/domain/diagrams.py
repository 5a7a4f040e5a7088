"""Draws the state machines for people: `README.md` beside this file is this module's output.

`python -m kiosk_server.domain.diagrams > kiosk_server/domain/README.md` renews it; a test fails while it is stale.
"""

import sys
from enum import StrEnum

from kiosk_server.domain import basket, kitchen, lane, payment, printing, pump, stall, terminal
from kiosk_server.domain.machine import Machine

HEAD = """# The rules

Plain values in, plain values out: nothing here knows a clock, a socket or SQL. `commands/` and `events/` are the
vocabulary, `errors.py` the refusals, `screens.py` what each screen is told. The rest is one file a noun.

Every state machine is a table, and each drawing below is made from its table (`diagrams.py`): what is not drawn is
refused with `illegal_transition`.
"""


def mermaid(machine: Machine[StrEnum, StrEnum]) -> str:
    """One machine as a Mermaid state diagram; several events between the same two states share an arrow."""
    arrows: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (state, event), then in machine.transitions.items():
        arrows.setdefault((state, then), []).append(event.value)
    rows = [f"    {state} --> {then}: {', '.join(events)}" for (state, then), events in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *rows, "```"])


def document() -> str:
    """The whole of README.md."""
    drawn = [
        ("Terminal enrolment", "terminal.py", terminal.ENROLMENT),
        ("Basket", "basket.py", basket.MACHINE),
        ("Lane", "lane.py", lane.MACHINE),
        ("Payment", "payment.py", payment.MACHINE),
        ("Stall", "stall.py", stall.MACHINE),
        ("Kitchen ticket", "kitchen.py", kitchen.MACHINE),
        ("Print job", "printing.py", printing.MACHINE),
        ("Fuelling point (IFSF states 1 to 9)", "pump.py", pump.MACHINE),
    ]
    parts = [HEAD]
    for title, file, machine in drawn:
        parts.append(f"## {title}\n\n`{file}`\n\n{mermaid(machine)}\n")  # type: ignore[arg-type]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(document())
