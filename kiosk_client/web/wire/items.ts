import type { Item } from "./types";

export type Found = { state: "found"; items: readonly Item[] } | { state: "looking" } | { state: "failed" };

/** Items whose name or number begins like `text`; null when the question is no longer asked. */
export async function findItems(text: string, signal: AbortSignal): Promise<Found | null> {
  try {
    const answer = await fetch(`/api/v1/items?q=${encodeURIComponent(text)}&limit=8`, { signal });
    if (!answer.ok) return { state: "failed" };
    const body = (await answer.json()) as { items: Item[] };
    return { state: "found", items: body.items };
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError" ? null : { state: "failed" };
  }
}
