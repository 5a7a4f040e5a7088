"""200 clients, each sending its next event when the last one is acknowledged: how many a second?

Node is ahead of every Python server here, and the table says so.
"""

from statistics import median

from benchmarks.outcome import Outcome, Row, Run, at_least, middle_half, percentile, ratio
from benchmarks.peers import GEVENT, GTHREAD, NODE, OURS, WERKZEUG, Peer
from benchmarks.transport.stands import Stand, Stands

CLIENTS = 200
ROUND_S = 1.5
CANDIDATES = (OURS, NODE, GEVENT, GTHREAD, WERKZEUG)
TARGET = at_least(3.5)

Round = tuple[float, float]


def measure(run: Run) -> Outcome:
    """Everybody is connected at the same time and asked in turns."""
    with Stands(run) as stands:
        for peer in CANDIDATES:
            stands.set_up(peer.key, peer, CLIENTS)
        stands.rounds(1, take_round)  # warms up
        taken = stands.rounds(run.scaled(10, 3), take_round)
        missing = stands.missing
    outcome = Outcome(rows=[ratio_row(taken, missing)])
    outcome.rows += [rate_row(peer, taken, missing) for peer in CANDIDATES]
    outcome.figures["acks_per_s"] = {key: median(rate for rate, _ in rounds) for key, rounds in taken.items()}
    return outcome


def take_round(stand: Stand) -> Round:
    """Acknowledgements a second, and the 99th percentile of one, ms."""
    done, seconds, times_ms = stand.load.ask("acks", seconds=ROUND_S)
    return done / seconds, percentile(times_ms, 0.99)


def ratio_row(taken: dict[str, list[Round]], missing: dict[str, str]) -> Row:
    """The figure to reach."""
    what = f"acks a second: {OURS.label} / {WERKZEUG.label}"
    if reason := missing.get(OURS.key) or missing.get(WERKZEUG.key):
        return Row(what, None, target=TARGET, note=reason)
    rates = {peer: [[rate] for rate, _ in taken[peer.key]] for peer in (OURS, WERKZEUG)}
    measured, spread = ratio(rates[OURS], rates[WERKZEUG])
    return Row(what, measured, target=TARGET, spread=spread)


def rate_row(peer: Peer, taken: dict[str, list[Round]], missing: dict[str, str]) -> Row:
    """The rate itself; of Node also how far it is ahead."""
    what = f"acks a second: {peer.label}"
    if reason := missing.get(peer.key):
        return Row(what, None, "/s", note=reason)
    rates = [rate for rate, _ in taken[peer.key]]
    note = f"p99 {median(p99 for _, p99 in taken[peer.key]):.0f} ms"
    if peer == NODE and OURS.key in taken:
        ahead = median(rates) / median(rate for rate, _ in taken[OURS.key])
        note += f"; Node is ahead of us, x {ahead:.1f} (the load is its limit)"
    return Row(what, median(rates), "/s", spread=middle_half(rates), note=note)
