import { find, put, type Put } from "./shelf";
import type { Guess } from "./outbox";

// What a lane knows of the catalog while the line is down: names and prices of one piece, as they were when the server
// answered last. The server decides what a scan costs; this only lets people go on scanning meanwhile.

/** As `GET /api/v1/catalog` sends it: id, name, price of one piece, printed code where that is not the id. */
type FeedItem = readonly [item_id: string, name: string, price_cents: number | null, code: string | null];

interface Feed {
  readonly items: readonly FeedItem[];
  readonly cursor: string;
  readonly is_anew: boolean;
  readonly is_last: boolean;
}

/** How far we have it. `asOf`: when we last had all of it, ms since 1970; null while the first copy is on its way. */
interface Progress {
  readonly cursor: string;
  readonly asOf: number | null;
}

const PROGRESS = "catalog";
const PAUSE_MS = 150; // between two pages: whoever scans meanwhile comes first
const NOTHING: Progress = { cursor: "", asOf: null };

/** Fetch what is new until there is nothing more. Gives when the catalog was whole last, or null while it never was. */
export async function catchUp(now: () => number, signal: AbortSignal): Promise<number | null> {
  let progress = (await find<Progress>("facts", PROGRESS)) ?? NOTHING;
  for (;;) {
    const answer = await fetch(`/api/v1/catalog?cursor=${encodeURIComponent(progress.cursor)}`, { signal });
    if (!answer.ok) return progress.asOf;
    const feed = (await answer.json()) as Feed;
    progress = { cursor: feed.cursor, asOf: feed.is_last ? now() : feed.is_anew ? null : progress.asOf };
    const puts = [...feed.items.flatMap(rows), { place: "facts", key: PROGRESS, value: progress } as const];
    if (!(await put(puts, feed.is_anew ? "items" : undefined)) || feed.is_last) return progress.asOf;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** What we believe a scanned or picked code to be; null where we do not know it. */
export async function look(code: string): Promise<Guess | null> {
  const found = await find<readonly [string, number | null]>("items", ...spellings(code));
  return found ? { name: found[0], price_cents: found[1] } : null;
}

/** When the copy that `look` reads was whole last, or null. */
export async function asOf(): Promise<number | null> {
  return (await find<Progress>("facts", PROGRESS))?.asOf ?? null;
}

function rows([item_id, name, price_cents, code]: FeedItem): Put[] {
  const value = [name, price_cents];
  return [item_id, ...(code === null ? [] : [code])].map((key) => ({ place: "items", key, value }));
}

/** The forms under which the catalog may have a code: as it is, and as the canonical GTIN (13 digits, 14 if need be). */
export function spellings(code: string): string[] {
  const plain = code.trim().replace(/^\][A-Za-z]\d/, "");
  if (!/^(\d{8}|\d{12,14})$/.test(plain)) return [plain];
  return [...new Set([plain.padStart(14, "0").replace(/^0/, ""), plain])];
}
