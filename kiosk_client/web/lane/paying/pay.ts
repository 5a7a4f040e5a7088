import { effect, signal, untracked } from "@preact/signals";
import type { BaggingReading, LaneScreen, RefusalCode, TenderKind } from "../../wire/types";
import { layer, link, scalesOf, showRefusal, trouble } from "../model";

/** What a customer may pay with here; the server leaves out what nobody takes. */
export function tendersOf(state: LaneScreen): readonly TenderKind[] {
  return state.tenders.length > 0 ? state.tenders : ["cash"];
}

/** To the choice of tenders; where there is only one, to that. */
export async function pay(state: LaneScreen): Promise<void> {
  trouble.value = null;
  const [only, ...others] = tendersOf(state);
  if (only && others.length === 0) await choose(only);
  else layer.value = "tender";
}

export async function choose(tender: TenderKind, amount_cents: number | null = null): Promise<void> {
  trouble.value = null;
  owed.value = null;
  const state = link.state.peek();
  const seen = state && bagging(state);
  const reply = await link.send("choose_tender", amount_cents === null ? { tender } : { tender, amount_cents });
  layer.value = null;
  if (state && !reply.ok && WEIGHED_FIRST.has(reply.code)) owed.value = { tender, amount_cents, seen, what: whatOf(state) };
  else showRefusal(null, reply);
}

const WEIGHED_FIRST: ReadonlySet<RefusalCode> = new Set(["bagging_disagrees", "scale_not_ready"]);

interface Owed {
  readonly tender: TenderKind;
  readonly amount_cents: number | null;
  /** What the bagging area said when paying was refused. */
  readonly seen: BaggingReading | null;
  /** What was to be paid: whoever scans on, or is held up, chooses again. */
  readonly what: string;
}

/** The payment that begins once the bagging area agrees: the last item is often laid down after paying was pressed. */
export const owed = signal<Owed | null>(null);

effect(() => {
  const [waits, state] = [owed.value, link.state.value];
  if (!waits || !state) return;
  const now = bagging(state);
  if (waits.what !== whatOf(state)) owed.value = null;
  else if (now && now !== waits.seen && now.deviation === "none" && /^(stable|zero)$/.test(now.condition)) {
    untracked(() => choose(waits.tender, waits.amount_cents));
  }
});

function bagging(state: LaneScreen): BaggingReading | null {
  return scalesOf(state).bagging;
}

function whatOf({ basket, terminal }: LaneScreen): string {
  return [terminal.state, basket?.basket_id, basket?.totals.items, basket?.totals.total_cents].join();
}
