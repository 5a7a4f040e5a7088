import type { Line, Payment, TenderKind } from "../../wire/types";

// What /api/v1/receipts/<number>/refund answers. Nothing is computed here: the server says what goes where.

export interface LeftLine {
  readonly line: Line;
  readonly left: number;
  readonly refunded_cents: number;
}

export interface Back {
  readonly kind: TenderKind;
  readonly cents: number;
  readonly masked: string;
  readonly scheme: string;
}

export interface Refunded {
  readonly basket_id: string;
  readonly state: string;
  readonly total_cents: number;
  readonly reason: string;
  readonly by: string;
  readonly receipt_number: number | null;
  readonly payments: readonly Payment[];
}

export interface RefundOffer {
  readonly number: number;
  readonly terminal: string;
  readonly paid_at: number;
  readonly receipt_cents: number;
  readonly lines: readonly LeftLine[];
  readonly total_cents: number;
  readonly backs: readonly Back[];
  readonly refunds: readonly Refunded[];
  readonly why_not: "" | "refund" | "nothing_left";
}

/** Pieces by line. */
export type Wanted = ReadonlyMap<number, number>;

/** The number that was typed or scanned: also that of the address in a receipt's code, `.../r/17.xyz`. */
export function receiptNumber(typed: string): number | null {
  const text = typed.trim();
  const inside = /\/r\/(\d{1,15})\./.exec(text)?.[1] ?? (/^\d{1,15}$/.test(text) ? text : "");
  const number = Number(inside);
  return number >= 1 ? number : null;
}

/** No more than is left by now: a colleague may give the same back at the next counter. */
export function within(wanted: Wanted, offer: RefundOffer): Wanted {
  const left = new Map(offer.lines.map((row) => [row.line.line_id, row.left]));
  return new Map([...wanted].map(([line_id, pieces]) => [line_id, Math.min(pieces, left.get(line_id) ?? 0)]));
}

export function asQuery(wanted: Wanted): string {
  const parts = [...wanted].filter(([, pieces]) => pieces > 0).map(([line_id, pieces]) => `${line_id}x${pieces}`);
  return parts.length > 0 ? `?lines=${parts.join(",")}` : "";
}

/** What a card refused to take back last, of a refund that still waits. */
export function refusedPart(refund: Refunded): Payment | null {
  const isOver = refund.state !== "tendering";
  const isWaiting = refund.payments.some(({ state }) => state === "asked" || state === "authorising" || state === "unknown");
  if (isOver || isWaiting) return null;
  return [...refund.payments].reverse().find(({ state }) => state === "declined" || state === "timed_out" || state === "cancelled") ?? null;
}
