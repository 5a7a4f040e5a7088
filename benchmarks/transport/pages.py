"""A plain page while 1,000 clients are pushed to ten times a second: how much later does it come?

The clients that are pushed to run when nobody else wants the processor (SCHED_IDLE), because in a store
they have processors of their own; they must keep pace all the same. The same is asked with the pushes
made by the bare loop, in a process of its own: what that costs is the machine's share, and no server
could avoid it.
"""

import time
from statistics import median

from benchmarks.outcome import Outcome, Row, Run, at_most, middle_half, percentile
from benchmarks.peers import BARE, OURS
from benchmarks.running import Load, LoadError
from benchmarks.transport.stands import Stand, Stands

CLIENTS = 1_000
HERTZ = 10
ROUND_S = 3.0
GETS_PER_S = 200
POLICY = "idle"
TARGET = at_most(3)
PHASES = ("idle", "pushed", "bare")


def measure(run: Run) -> Outcome:
    """Idle, pushed, pushed by the bare loop, idle, ... ; the GETs always go to ours."""
    with Stands(run) as stands:
        stands.set_up(OURS.key, OURS, CLIENTS, POLICY)
        stands.set_up(BARE.key, BARE, CLIENTS, POLICY)
        if stands.missing:
            return Outcome(rows=[missing_row(next(iter(stands.missing.values())))])
        ours, bare = stands.standing[OURS.key], stands.standing[BARE.key]
        gets = stands.enter_context(Load(ours.server))
        gets.ask("gets", seconds=1.0, per_second=GETS_PER_S)  # warms up
        rounds: dict[str, list[list[float]]] = {phase: [] for phase in PHASES}
        try:
            for _ in range(run.scaled(10, 2)):
                rounds["idle"].append(take_idle(gets))
                rounds["pushed"].append(take_pushed(gets, ours))
                rounds["bare"].append(take_pushed(gets, bare))
        except LoadError as error:
            return Outcome(rows=[missing_row(str(error))])
    return Outcome(rows=rows_of(rounds), figures={"get_p99_ms": p99_of(rounds)})


def take_idle(gets: Load) -> list[float]:
    """Milliseconds of GETs while nothing is pushed."""
    return [ms for _, ms in gets.ask("gets", seconds=ROUND_S, per_second=GETS_PER_S)]


def take_pushed(gets: Load, pusher: Stand) -> list[float]:
    """Milliseconds of GETs while `pusher` pushes. Raises LoadError when it does not keep pace."""
    pushes = int((ROUND_S + 0.5) * HERTZ)
    pusher.load.begin("listen", seconds=ROUND_S + 1.5)
    pusher.server.get(f"/push?seconds={ROUND_S + 0.5}&hertz={HERTZ}")
    time.sleep(0.2)  # the first push is not the steady state
    times_ms = take_idle(gets)
    arrived = pusher.load.answer()
    if arrived < 0.9 * pushes * pusher.clients:
        raise LoadError(f"only {arrived} of {pushes * pusher.clients} frames came in time")
    return times_ms


def p99_of(rounds: dict[str, list[list[float]]]) -> dict[str, float]:
    """The 99th percentile of a phase: the median of its rounds', so that one disturbed round is one."""
    return {phase: median(percentile(part, 0.99) for part in parts) for phase, parts in rounds.items()}


def rows_of(rounds: dict[str, list[list[float]]]) -> list[Row]:
    """The figure to reach, and what it is made of."""
    p99 = p99_of(rounds)
    per_round = [
        percentile(pushed, 0.99) / percentile(idle, 0.99)
        for pushed, idle in zip(rounds["pushed"], rounds["idle"], strict=True)
    ]
    bare = p99["bare"] / p99["idle"]
    note = (
        f"p99 {p99['pushed']:.2f} ms / {p99['idle']:.2f} ms; with the bare loop pushing "
        f"in another process {p99['bare']:.2f} ms, x {bare:.1f}"
    )
    measured = p99["pushed"] / p99["idle"]
    return [Row(missing_row("").what, measured, target=TARGET, spread=middle_half(per_round), note=note)]


def missing_row(reason: str) -> Row:
    """The row without its figure."""
    what = f"GET p99: {CLIENTS:,} clients pushed to {HERTZ} times a second / idle"
    return Row(what, None, target=TARGET, note=reason)
