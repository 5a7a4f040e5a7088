"""What events about interventions, the bagging area and learned weights do to the state tables; see projection.py."""

import sqlite3
from collections.abc import Callable
from typing import Any

from kiosk_server.domain import events as e
from kiosk_server.store import rows
from kiosk_server.store.journal import Entry

_PUT_INTERVENTION = f"INSERT INTO interventions ({rows.INTERVENTION}) VALUES ({', '.join('?' * 15)})"


def _intervention_raised(db: sqlite3.Connection, event: e.InterventionRaised, _: Entry) -> None:
    db.execute(_PUT_INTERVENTION, rows.intervention_row(event.intervention))


def _intervention_claimed(db: sqlite3.Connection, event: e.InterventionClaimed, _: Entry) -> None:
    query = "UPDATE interventions SET claimed_by = ?, claimed_at = ? WHERE intervention_id = ?"
    db.execute(query, (event.by, event.claimed_at, event.intervention_id))


def _intervention_revised(db: sqlite3.Connection, event: e.InterventionRevised, _: Entry) -> None:
    query = "UPDATE interventions SET evidence = ? WHERE intervention_id = ?"
    db.execute(query, (rows.evidence_json(event.evidence), event.intervention_id))


def _intervention_resolved(db: sqlite3.Connection, event: e.InterventionResolved, _: Entry) -> None:
    db.execute(
        "UPDATE interventions SET outcome = ?, resolved_at = ?, resolved_by = ?, note = ? WHERE intervention_id = ?",
        (event.outcome, event.resolved_at, event.by, event.note, event.intervention_id),
    )


def _bagging_tared(db: sqlite3.Connection, event: e.BaggingTared, _: Entry) -> None:
    db.execute("INSERT OR REPLACE INTO bagging (basket_id, tare_g) VALUES (?, ?)", (event.basket_id, event.tare_g))


def _bagging_skipped(db: sqlite3.Connection, event: e.BaggingSkipped, _: Entry) -> None:
    query = "INSERT OR REPLACE INTO bagging_skips (basket_id, line_id, pieces) VALUES (?, ?, ?)"
    db.execute(query, (event.basket_id, event.line_id, event.pieces))


def _weight_learned(db: sqlite3.Connection, event: e.WeightLearned, _: Entry) -> None:
    learned = event.learned
    query = "INSERT OR REPLACE INTO weights (item_id, weight_g, spread_g, samples) VALUES (?, ?, ?, ?)"
    db.execute(query, (learned.item_id, learned.weight_g, learned.spread_g, rows.as_json(learned.samples)))


ATTENDANCE_PROJECTIONS: dict[type[e.Event], Callable[[sqlite3.Connection, Any, Entry], None]] = {
    e.InterventionRaised: _intervention_raised,
    e.InterventionClaimed: _intervention_claimed,
    e.InterventionRevised: _intervention_revised,
    e.InterventionResolved: _intervention_resolved,
    e.BaggingTared: _bagging_tared,
    e.BaggingSkipped: _bagging_skipped,
    e.WeightLearned: _weight_learned,
}
