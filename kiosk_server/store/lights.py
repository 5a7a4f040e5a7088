"""The lights over all lanes, as they stand at one moment of the store."""

from sqlalchemy import Connection

from kiosk_server.domain.light import Light, light_of
from kiosk_server.domain.opening import is_open
from kiosk_server.domain.policy import Policy
from kiosk_server.store.repositories import driver_of

_LANES = (
    "SELECT name, state, is_training, EXISTS (SELECT 1 FROM interventions i "
    "WHERE i.outcome IS NULL AND i.terminal = terminals.name) "
    "FROM terminals WHERE kind = 'lane' AND enrolment = 'active' ORDER BY length(name), name"
)


def lane_lights(conn: Connection, policy: Policy, now_ms: int) -> dict[str, Light]:
    """The light of every active lane, by name, short names first: L2 before L10."""
    is_now = is_open(policy.lane.hours, now_ms, policy.zone)
    return {
        name: light_of(state, is_help_wanted=bool(is_wanted), is_open=is_now, is_training=bool(is_training))
        for name, state, is_training, is_wanted in driver_of(conn).execute(_LANES)
    }
