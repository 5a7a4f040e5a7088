import { signal } from "@preact/signals";
import { BASKET_GONE } from "../wire/link";
import type { Waiting } from "../wire/outbox";
import type { Line, Refused, Reply } from "../wire/types";

// What this screen says on its own word while the line is down, and what came out otherwise: that is shown before
// anybody pays. Everything that fetches, keeps and looks up comes later, in offline.ts.

/** When the prices that we know here were those of the server, ms since 1970; null while we know none. */
export const pricesAsOf = signal<number | null>(null);

export type Difference =
  | { readonly kind: "price"; readonly key: string; readonly name: string; readonly was_cents: number; readonly is_cents: number }
  | { readonly kind: "refused"; readonly key: string; readonly name: string; readonly refused: Refused }
  | { readonly kind: "gone"; readonly key: string; readonly name: string };

const PLACE = "kiosk-differences";

export const differences = signal<readonly Difference[]>(restore());

/** Replies that stand in the list, so that nobody says them a second time. */
const listed = new WeakSet<object>();

export const isListed = (reply: Reply): boolean => listed.has(reply);

/** Something is asked for that this screen has shown on its own word. */
export const isBelieving = (waiting: readonly Waiting[]): boolean =>
  waiting.some((entry) => entry.guess !== undefined && entry.settlesAt === null);

/** Compare an answer with what was shown before it. */
export function compare(entry: Waiting, reply: Reply): void {
  if (!entry.guess) return;
  const { key } = entry.order;
  const name = entry.guess.name || codeOf(entry);
  if (reply.ok) {
    const { line } = reply.result as { line?: Line };
    const was_cents = entry.guess.price_cents;
    if (!line || was_cents === null || line.unit_price_cents === was_cents) return;
    list({ kind: "price", key, name: line.name, was_cents, is_cents: line.unit_price_cents });
  } else {
    listed.add(reply);
    list(reply === BASKET_GONE ? { kind: "gone", key, name } : { kind: "refused", key, name, refused: reply });
  }
}

/** What waited too long was another customer's, unless their basket is still here: then they shall know. */
export function giveUp(stale: readonly Waiting[], basketId: string | null): void {
  for (const entry of stale) {
    if (!codeOf(entry) || basketId === null || entry.basketId !== basketId) continue;
    list({ kind: "gone", key: entry.order.key, name: entry.guess?.name || codeOf(entry) });
  }
}

/** Somebody has read it. */
export function understood(): void {
  change([]);
}

export function codeOf({ order }: Waiting): string {
  if (order.name === "scan_item") return order.data.code.slice(0, 24);
  return order.name === "add_item" ? order.data.item_id : "";
}

function list(difference: Difference): void {
  change([...differences.value.filter((other) => other.key !== difference.key), difference]);
}

function change(next: readonly Difference[]): void {
  differences.value = next;
  try {
    if (next.length === 0) localStorage.removeItem(PLACE);
    else localStorage.setItem(PLACE, JSON.stringify(next));
  } catch {
    // It is on the screen; only a reload would lose it.
  }
}

function restore(): readonly Difference[] {
  try {
    return JSON.parse(localStorage.getItem(PLACE) ?? "[]") as Difference[];
  } catch {
    return [];
  }
}
