"""What the box counts about itself, in Prometheus' text form. Its own registry: two servers in one test never mix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import Clock
from kiosk_server.core.reply import Reply
from kiosk_server.edge.guard import Guard
from kiosk_server.store.condition import condition_of
from kiosk_server.store.db import Database

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

Reading = Callable[[], float | Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Row:
    """One value that is read when somebody asks. With `label`, `read` gives label value -> number."""

    name: str
    help: str
    read: Reading
    label: str = ""
    is_counter: bool = False


class Metrics:
    """Counters the edge keeps, and rows other rooms let us read."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._outcomes: dict[tuple[str, str], Counter] = {}  # `labels` validates and locks each time
        self.commands = Counter(
            "kiosk_commands", "Commands by wire name and outcome.", ("name", "outcome"), registry=self._registry
        )
        self.command_seconds = Histogram(
            "kiosk_command_seconds",
            "From a command's arrival to its committed answer.",
            buckets=LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self.requests = Counter(
            "kiosk_requests", "HTTP requests by route and status.", ("route", "status"), registry=self._registry
        )
        self.refusals = Counter(
            "kiosk_connection_refusals", "Socket.IO connections refused, by code.", ("code",), registry=self._registry
        )
        self.connections = Gauge("kiosk_connections", "Open sockets by screen.", ("screen",), registry=self._registry)

    def count(self, name: str, reply: Reply | None, spent_s: float) -> None:
        """One command was answered; None stands for a fault."""
        outcome = "internal" if reply is None else "ok" if reply.ok else reply.code
        counter = self._outcomes.get((name, outcome))
        if counter is None:
            counter = self._outcomes[name, outcome] = self.commands.labels(name, outcome)
        counter.inc()
        self.command_seconds.observe(spent_s)

    def read(self, row: Row) -> None:
        """Add a row that is read at every scrape; one that fails is left out of that scrape."""
        self._registry.register(_Reader(row))

    def text(self) -> bytes:
        return generate_latest(self._registry)


def house_rows(
    bus: Bus, guard: Guard, database: Database, clock: Clock, sockets_closed: Callable[[], Mapping[str, float]]
) -> list[Row]:
    """What the other rooms count; `sockets_closed` gives the transport's ends by reason."""
    stats = bus.stats

    def drops() -> dict[str, float]:
        counts = guard.drops.counts()
        return {f"{door.value}: {reason.value}": count for (door, reason), count in counts.items()}

    def age_s(at: int | None) -> float:
        return -1.0 if at is None else max(0.0, (clock.now_ms() - at) / 1000)

    def drill_is_good() -> float:
        seen = condition_of(database)
        return -1.0 if seen.drill_at is None else float(not seen.drill_problem)

    return [
        Row("kiosk_queue_depth", "Commands that wait for the writer.", lambda: bus.waiting),
        Row("kiosk_journal_seq", "The number of the last committed event.", lambda: bus.head_seq),
        Row("kiosk_read_only", "1 while the store cannot be written.", lambda: float(bus.is_read_only)),
        Row("kiosk_publisher_backlog", "Committed batches not yet told of.", lambda: bus.publisher.backlog),
        Row(
            "kiosk_last_backup_age_seconds",
            "Age of the newest backup; -1 where there is none.",
            lambda: age_s(condition_of(database).backup_at),
        ),
        Row(
            "kiosk_last_drill_age_seconds",
            "Age of the last restore drill; -1 before the first.",
            lambda: age_s(condition_of(database).drill_at),
        ),
        Row("kiosk_last_drill_good", "1 if the newest backup could be restored, 0 if not; -1 unknown.", drill_is_good),
        Row("kiosk_disk_free_bytes", "Room left on the disk of the store.", database.free_bytes),
        Row("kiosk_store_bytes", "Size of the store with its log.", lambda: condition_of(database).store_bytes),
        Row("kiosk_commits", "Transactions committed.", lambda: stats.commits, is_counter=True),
        Row("kiosk_commit_seconds", "Time spent in commits, in all.", lambda: stats.commit_s, is_counter=True),
        Row("kiosk_commands_replayed", "Answers given again for known keys.", lambda: stats.replayed, is_counter=True),
        Row("kiosk_commands_busy", "Commands refused by a full queue.", lambda: stats.busy, is_counter=True),
        Row("kiosk_guard_drops", "Turned away by the guard.", drops, label="door_reason", is_counter=True),
        Row("kiosk_sockets_closed", "WebSockets ended.", sockets_closed, label="reason", is_counter=True),
    ]


class _Reader(Collector):
    def __init__(self, row: Row) -> None:
        self._row = row

    def describe(self) -> list[Metric]:
        return [self._metric()]

    def collect(self) -> list[Metric]:
        metric, row = self._metric(), self._row
        suffix = "_total" if row.is_counter else ""
        value = row.read()
        if isinstance(value, Mapping):
            for label, number in value.items():
                metric.add_sample(row.name + suffix, {row.label: label}, number)
        else:
            metric.add_sample(row.name + suffix, {}, value)
        return [metric]

    def _metric(self) -> Metric:
        return Metric(self._row.name, self._row.help, "counter" if self._row.is_counter else "gauge")
