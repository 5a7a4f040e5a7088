import { signal } from "@preact/signals";
import type { Item, Why } from "../wire/types";
import { link } from "./model";

// What lanes ask for beside their own state: produce to pick from, why a line costs what it does, where the receipt is.

async function read<T>(path: string): Promise<T | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null; // the line is down: whoever asked says so
  }
}

export interface Produce {
  readonly items: readonly Item[];
  readonly categories: readonly string[];
}

/** The produce that sells most, by category ("": of all); kept, so that the grid opens at once and without a line. */
export const produce = signal<ReadonlyMap<string, Produce>>(new Map());

export async function fetchProduce(category = ""): Promise<void> {
  const found = await read<Produce>(`/api/v1/produce?category=${encodeURIComponent(category)}`);
  if (found) produce.value = new Map(produce.peek()).set(category, found);
}

// A store without produce has no button for it.
link.status.subscribe((status) => {
  if (status === "live" && produce.peek().size === 0) void fetchProduce();
});

/** Why this line costs what it costs; null where it cannot be said now. */
export function fetchWhy(basket_id: string, line_id: number): Promise<Why | null> {
  return read(`/api/v1/baskets/${encodeURIComponent(basket_id)}/lines/${line_id}/why`);
}

/** Where a customer's phone finds this receipt; null where it cannot be said now. */
export async function fetchReceiptAddress(number: number): Promise<string | null> {
  const found = await read<{ path: string; url: string | null }>(`/api/v1/receipts/${number}/link`);
  return found && (found.url ?? location.origin + found.path);
}

/** A hand at this lane's virtual plate: only a demo store lets it. */
export async function layOn(lane: string, what: { put_g?: number; zero?: boolean }): Promise<void> {
  await fetch(`/api/v1/virtual-scales/${encodeURIComponent(lane)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ plate: "produce", ...what }),
  });
}
