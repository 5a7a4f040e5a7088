"""Rows as a table for people and as JSON for machines; neither hides a row that has no figure."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.outcome import Outcome, Row
from benchmarks.registry import BENCHES

VERDICTS = {True: "[green]yes[/]", False: "[bold red]no[/]", None: ""}


def figure(value: float, unit: str) -> str:
    """A value as it is read: 18.2 ms, 0.81, 5,700/s."""
    if unit == "/s":
        return f"{value:,.0f}{unit}"
    return f"{value:.2f}" if not unit else f"{value:.3g} {unit}"


def target_of(row: Row) -> str:
    """<= 1.15, or nothing."""
    if row.target is None:
        return ""
    unit = f" {row.unit}" if row.unit else ""
    return f"{row.target.sense} {row.target.value:g}{unit}"


def measured_of(row: Row) -> str:
    """The figure and the middle half of its rounds."""
    if row.measured is None:
        return "not measured"
    text = figure(row.measured, row.unit)
    if row.spread:
        first, third = (figure(value, "") if row.unit != "/s" else f"{value:,.0f}" for value in row.spread)
        text += f"  [dim]({first} to {third})[/]"
    return text


def show(outcomes: dict[str, Outcome], console: Console) -> None:
    """One table a benchmark; what is judged comes first."""
    for name, outcome in outcomes.items():
        table = Table(title=f"{BENCHES[name].title}  --only {name}", title_justify="left")
        for column in ("", "target", "measured (middle half)", "reached", "note"):
            table.add_column(column, overflow="fold")
        for row in sorted(outcome.rows, key=lambda row: row.target is None):
            table.add_row(row.what, target_of(row), measured_of(row), VERDICTS[row.is_reached], row.note)
        console.print(table)
    judged = [row for outcome in outcomes.values() for row in outcome.rows if row.target]
    console.print(f"{sum(bool(row.is_reached) for row in judged)} of {len(judged)} targets reached")


def as_json(outcomes: dict[str, Outcome]) -> list[dict[str, Any]]:
    """The rows, flat, with the verdict."""
    return [
        {"bench": name, **asdict(row), "is_reached": row.is_reached}
        for name, outcome in outcomes.items()
        for row in outcome.rows
    ]
