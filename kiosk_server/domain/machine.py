"""What a state machine is in this house: a table from (state, event) to state, and nothing else.

A key that is not in the table raises IllegalTransition. One test walks every pair of every machine, and the
diagrams of the README are drawn from the same tables.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from kiosk_server.domain.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Machine(Generic[S, E]):
    """A named transition table. Register order is irrelevant; the table is read-only by convention."""

    def __init__(self, name: str, transitions: Mapping[tuple[S, E], S]) -> None:
        self.name = name
        self.transitions = dict(transitions)

    def next(self, state: S, event: E) -> S:
        """The state after `event`; raises IllegalTransition naming both and what would be possible."""
        try:
            return self.transitions[state, event]
        except KeyError:
            possible = sorted(e.value for s, e in self.transitions if s == state)
            raise IllegalTransition(
                f"The {self.name} is {state.value}, so it cannot {event.value.replace('_', ' ')} now. "
                f"Nothing was changed.",
                machine=self.name,
                state=state.value,
                event=event.value,
                possible=possible,
            ) from None

    def allows(self, state: S, event: E) -> bool:
        return (state, event) in self.transitions
