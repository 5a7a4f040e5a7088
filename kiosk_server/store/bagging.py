"""What the store holds of a lane's bagging area: for the scales, which compare it with what they measure."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from kiosk_server.domain.bagging import Beside, Expectation, Piece, expect
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.intervention import Intervention
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.terminal import Enrolment, Kind
from kiosk_server.store.repositories import Repositories


class BaggingArea(msgspec.Struct, frozen=True, kw_only=True):
    """All of one moment. `basket` is what the lane shows, in whatever state; `rows` are its open interventions."""

    terminal: str
    expectation: Expectation
    basket: Basket | None = None
    pieces: Mapping[str, Piece] = {}
    beside: Beside = Beside()
    rows: tuple[Intervention, ...] = ()

    @property
    def open_basket(self) -> Basket | None:
        """The basket that is being filled; nothing is compared with any other."""
        return self.basket if self.basket is not None and self.basket.state is State.OPEN else None


def bagging_area(conn: Connection, terminal: str, rules: LaneRules) -> BaggingArea | None:
    """None where there is no such lane, or no more."""
    repositories = Repositories(conn)
    lane = repositories.terminal(terminal)
    if lane is None or lane.kind is not Kind.LANE or lane.enrolment is not Enrolment.ACTIVE:
        return None
    basket = repositories.basket(lane.basket_id) if lane.basket_id else None
    lines = basket.lines if basket else ()
    pieces = repositories.pieces(lines)
    beside = repositories.beside(basket.basket_id) if basket else Beside()
    return BaggingArea(
        terminal=terminal,
        expectation=expect(lines, pieces, rules, beside),
        basket=basket,
        pieces=pieces,
        beside=beside,
        rows=repositories.open_interventions(terminal),
    )


def lanes(conn: Connection) -> tuple[str, ...]:
    """The names of all lanes that are part of the store."""
    found = Repositories(conn).terminals()
    return tuple(one.name for one in found if one.kind is Kind.LANE and one.enrolment is Enrolment.ACTIVE)
