import { effect } from "@preact/signals";
import { asOf, catchUp, look } from "../wire/catalog";
import { find, put } from "../wire/shelf";
import type { LaneScreen } from "../wire/types";
import { codeOf, giveUp, pricesAsOf } from "./provisional";
import { link } from "./model";

export { DifferencesSheet } from "./Differences";

// What lets a lane go on while the line is down. It comes when the page is idle, and costs its first second nothing.

const FIRST_MS = { least: 1_000, more: 3_000 }; // fifty lanes start together after a power cut: not all at once
const AGAIN_MS = { least: 8 * 60_000, more: 4 * 60_000 };
const SAVED_AFTER_MS = 400;
const REVIVED_AFTER_MS = 1_500;
const SCREEN = "screen:lane";
const KEPT_FOR_MS = 30 * 60_000;

interface Kept {
  readonly state: LaneScreen;
  readonly heardAt: number;
}

void keepCatalogCurrent();
effect(keepScreen);
effect(believe);
setTimeout(() => void revive(), REVIVED_AFTER_MS);
void untilLive().then(() => giveUp(link.outbox.stale, link.state.peek()?.basket?.basket_id ?? null));

async function keepCatalogCurrent(): Promise<void> {
  pricesAsOf.value = await asOf();
  await pause(FIRST_MS);
  for (;;) {
    await untilLive();
    try {
      pricesAsOf.value = await catchUp(() => link.now(), AbortSignal.timeout(AGAIN_MS.least));
    } catch {
      // The line again. What came so far is kept, and the next time goes on from there.
    }
    document.documentElement.dataset["catalog"] = pricesAsOf.value === null ? "none" : "whole";
    await pause(AGAIN_MS);
  }
}

/** The names and prices of what waits, as far as we know them. */
function believe(): void {
  if (link.status.value === "live") return;
  for (const entry of link.outbox.waiting.value) {
    const { order, guess, settlesAt } = entry;
    const code = codeOf(entry);
    if (!code || guess || settlesAt !== null) continue;
    void look(order.name === "scan_item" ? order.data.code : code).then((found) =>
      link.outbox.believe(order.key, found ?? { name: "", price_cents: null }),
    );
  }
}

let saving = 0;

/** The screen as the server last told it, for a reload before the server answers again. */
function keepScreen(): void {
  const state = link.state.value;
  const isOurs = link.status.value === "live";
  if (link.refusal.value !== null) void put([{ place: "facts", key: SCREEN, value: null }]);
  if (state === null || !isOurs) return;
  clearTimeout(saving);
  saving = setTimeout(() => {
    void put([{ place: "facts", key: SCREEN, value: { state, heardAt: link.heardAt.peek() } satisfies Kept }]);
  }, SAVED_AFTER_MS);
}

async function revive(): Promise<void> {
  const kept = await find<Kept | null>("facts", SCREEN);
  if (kept && Date.now() - kept.heardAt < KEPT_FOR_MS) link.revive(kept.state, kept.heardAt);
}

function untilLive(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (link.status.value !== "live") return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

function pause({ least, more }: { least: number; more: number }): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, least + Math.random() * more));
}
