"""The switch comes back: 1,000 clients reset and reconnecting at once. When is everybody live again?

Live means connected to the namespace; afterwards one broadcast must reach each exactly once, or the
round does not count as survived.
"""

from statistics import median

from benchmarks.outcome import Outcome, Row, Run, at_most, middle_half, percentile
from benchmarks.peers import OURS
from benchmarks.running import Load, LoadError
from benchmarks.transport.stands import Stand, Stands

CLIENTS = 1_000
GETS_PER_S = 100
WATCH_S = 3.5
LIVE_TARGET_S = at_most(3)
GET_TARGET_MS = at_most(200)
LIVE = f"{CLIENTS:,} clients reconnecting at once: all live again"
GET = "GET p99 meanwhile"


def measure(run: Run) -> Outcome:
    """The same storm several times on the same server, which must not tire."""
    with Stands(run) as stands:
        stands.set_up(OURS.key, OURS, CLIENTS)
        if reason := stands.missing.get(OURS.key):
            return missing(reason)
        stand = stands.standing[OURS.key]
        gets = stands.enter_context(Load(stand.server))
        gets.ask("gets", seconds=1.0, per_second=GETS_PER_S)  # warms up
        try:
            storms = [take_storm(stand, gets) for _ in range(run.scaled(7, 3))]
        except LoadError as error:
            return missing(str(error))
    seconds = [took_s for took_s, _, _ in storms]
    times_ms = [ms for _, part, _ in storms for ms in part]
    note = f"worst of {len(storms)} storms {max(seconds):.2f} s; {sum(s[2] for s in storms)} retries"
    worst = f"{len(times_ms)} GETs, each on a new connection; worst {max(times_ms):.0f} ms"
    return Outcome(
        rows=[
            Row(LIVE, median(seconds), "s", LIVE_TARGET_S, middle_half(seconds), note),
            Row(GET, percentile(times_ms, 0.99), "ms", GET_TARGET_MS, note=worst),
        ]
    )


def take_storm(stand: Stand, gets: Load) -> tuple[float, list[float], int]:
    """Seconds of the storm, milliseconds of each GET begun during it, connections tried twice."""
    gets.begin("gets", seconds=WATCH_S, per_second=GETS_PER_S)
    stand.load.ask("drop")
    storm = stand.load.ask("connect", count=stand.clients, parallel=stand.clients)
    stand.load.ask("broadcasts", count=1, gap_s=0.1)
    answers = gets.answer()
    meanwhile = [ms for began, ms in answers if storm["began"] <= began <= storm["ended"]]
    return storm["ended"] - storm["began"], meanwhile, storm["retries"]


def missing(reason: str) -> Outcome:
    """Both rows without their figures."""
    return Outcome(
        rows=[
            Row(LIVE, None, "s", LIVE_TARGET_S, note=reason),
            Row(GET, None, "ms", GET_TARGET_MS, note=reason),
        ]
    )
