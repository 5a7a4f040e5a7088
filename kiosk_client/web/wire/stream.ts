import { EVENT_TYPES, type Pushed, type Snapshot } from "./types";

/** A reducer gives this back when an event tells too little: the whole state must be asked for. */
export const ASK_AGAIN = Symbol("ask again");

export type Reduce<S> = (state: S, event: Pushed) => S | typeof ASK_AGAIN;

/** An event that this page does not know: the server is newer than the page, or the page is wrong. */
export class UnknownEvent extends Error {
  constructor(readonly event: { type: string; seq: number }) {
    super(`unknown event ${event.type} at ${event.seq}`);
  }
}

export type Verdict = "applied" | "old" | "gap" | "unclear";

/**
 * The order of what arrives. Events carry `prev`, the seq before them in this audience: what is not newer is ignored,
 * what leaves a gap is held back until the gap is filled.
 */
export class Stream<S> {
  seq = -1;
  state: S | null = null;
  private held: Pushed[] = [];

  constructor(
    private readonly reduce: Reduce<S>,
    private readonly onEvent: (event: Pushed, state: S) => void,
  ) {}

  /** Whole state; what was held back and is newer follows it. */
  restart(snapshot: Snapshot<S>): Verdict {
    this.state = snapshot.state;
    this.seq = snapshot.seq;
    return this.release();
  }

  /** Forget the position: events are held until the next snapshot. */
  pause(): void {
    this.state = null;
    this.held = [];
  }

  push(event: Pushed): Verdict {
    if (this.state === null || event.prev > this.seq) {
      this.held.push(event);
      return this.state === null ? "old" : "gap";
    }
    if (event.seq <= this.seq) return "old";
    if (!EVENT_TYPES.has(event.type)) throw new UnknownEvent(event);
    const next = this.reduce(this.state, event);
    if (next === ASK_AGAIN) return "unclear";
    this.state = next;
    this.seq = event.seq;
    this.onEvent(event, next);
    return "applied";
  }

  /** The answer to a resync: these are all events after our seq, so the first may lean on one we were never sent. */
  fill(events: readonly Pushed[]): Verdict {
    for (const event of events) {
      const verdict = this.push({ ...event, prev: Math.min(event.prev, this.seq) });
      if (verdict === "unclear") return verdict;
    }
    return this.release();
  }

  private release(): Verdict {
    const held = this.held.sort((one, other) => one.seq - other.seq);
    this.held = [];
    let verdict: Verdict = "applied";
    for (const event of held) {
      verdict = this.push(event);
      if (verdict === "unclear") return verdict;
    }
    return verdict === "gap" ? "gap" : "applied";
  }
}
