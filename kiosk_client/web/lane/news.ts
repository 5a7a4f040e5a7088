import { computed, effect } from "@preact/signals";
import { topSheet } from "../design/Sheet";
import type { Intervention, InterventionKind, LaneScreen } from "../wire/types";
import { type Trouble, link, trouble } from "./model";

// Who looks at a sheet sees nothing of what lies below it. So what comes while it is open is told in it; what stood
// there before was seen, and stays where it is. A hint of the bagging area waits: it comes with every other scan, and
// what is in the sheet would move under the finger.

const MONEY: ReadonlySet<InterventionKind> = new Set(["cash", "payment", "refund"]);

/** Something that is told: what went wrong, or an intervention by its id. */
export type Told = Trouble | string;

/** What somebody looks after, the newest first: it is about what was just done. */
export function lookedAfter({ interventions }: LaneScreen): readonly Intervention[] {
  return interventions.filter((one) => !MONEY.has(one.kind)).reverse();
}

/** All that is told now, the most urgent first. */
const all = computed<readonly Told[]>(() => {
  const [what, state] = [trouble.value, link.state.value];
  if (!state) return [];
  return [...(what ? [what] : []), ...lookedAfter(state).map((one) => one.intervention_id)];
});

/** What was told when a sheet was opened. */
const seen = new WeakMap<HTMLElement, ReadonlySet<Told>>();

effect(() => {
  const sheet = topSheet.value;
  if (sheet && !seen.has(sheet)) seen.set(sheet, new Set(all.peek()));
});

/** The sheet that tells something now, and what; a sheet has room for one thing. */
export const news = computed(() => {
  const sheet = topSheet.value;
  const what = sheet && all.value.find((one) => seen.get(sheet)?.has(one) === false);
  return what ? { sheet, what } : null;
});

/** Whether it is told in a sheet, and so nowhere else. */
export function isInSheet(what: Told | null): boolean {
  return what !== null && news.value?.what === what;
}
