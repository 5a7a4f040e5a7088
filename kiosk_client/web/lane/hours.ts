import { tick } from "../design/Age";
import type { LaneScreen } from "../wire/types";
import { link } from "./model";

// The lane knows its hours for days ahead, so it opens and closes by itself, with the server's clock and without a line.

/** Nobody may begin here now. Whoever has begun is not asked. */
export function isAfterHours(state: LaneScreen): boolean {
  const now = tick.value + link.clockOffset;
  const { hours, terminal } = state;
  if (!hours || terminal.is_training) return false;
  return !hours.some((span) => span.opens_at <= now && now < span.closes_at);
}

/** When it opens, ms since 1970; null where it is open, or for the days that we know it never does. */
export function opensAt(state: LaneScreen): number | null {
  return isAfterHours(state) ? (state.hours?.find((span) => span.opens_at > tick.value + link.clockOffset)?.opens_at ?? null) : null;
}
