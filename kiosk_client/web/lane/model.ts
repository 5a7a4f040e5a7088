import { computed, signal } from "@preact/signals";
import { beep, errorTone } from "../shell/sound";
import { Link } from "../wire/link";
import { basketAfter, interventionsAfter, tileAfter } from "../wire/reduce";
import { ASK_AGAIN } from "../wire/stream";
import type { SHEETS } from "./parts";
import type { LaneScreen, Order, Pushed, Refused, Reply } from "../wire/types";

/** What went wrong, kept as facts so that it can be said in another language later. */
export type Trouble =
  | { kind: "refused"; refused: Refused; code: string | null }
  | { kind: "paying"; code: string }
  | { kind: "closed" };

/** The sheets that lie over the lane, one row each in parts.ts. */
export type SheetName = keyof typeof SHEETS;

export const trouble = signal<Trouble | null>(null);
export const layer = signal<SheetName | null>(null);
/** The line touched last is drawn large; null: the newest. */
export const picked = signal<number | null>(null);

export const link = new Link<LaneScreen>({ screen: "lane", reduce, onEvent, onLateAnswer: showRefusal });

export const isOnline = computed(() => link.status.value === "live" || link.status.value === "late");

export function reduce(state: LaneScreen, event: Pushed): LaneScreen | typeof ASK_AGAIN {
  const basket = basketAfter(state.basket, event);
  if (basket === ASK_AGAIN) return ASK_AGAIN;
  const terminal = tileAfter(state.terminal, event);
  const next = { ...state, basket, terminal, interventions: interventionsAfter(state.interventions, event) };
  switch (event.type) {
    case "basket_paid":
      return { ...next, receipt: event.data.receipt };
    case "terminal_moved":
      return event.data.state === "attract" ? { ...next, basket: null, receipt: null } : next;
    case "basket_opened":
      return { ...next, receipt: null };
    default:
      return next;
  }
}

function onEvent(event: Pushed): void {
  if (event.type === "item_scanned" || event.type === "quantity_changed") {
    picked.value = event.data.line.line_id;
    trouble.value = null;
  }
  if (event.type === "terminal_moved" && event.data.state === "attract") {
    trouble.value = null;
    layer.value = null;
    picked.value = null;
  }
}

export function closeSheet(): void {
  layer.value = null;
}

/** A code came in, on whatever screen: it is asked for at once, or told why not. */
export async function scan(code: string, quantity = 1): Promise<void> {
  const state = link.state.peek();
  if (state?.terminal.state === "closed") {
    fail({ kind: "closed" });
  } else if (state?.terminal.state === "tendering") {
    fail({ kind: "paying", code });
  } else {
    beep();
    const reply = await link.send("scan_item", quantity === 1 ? { code } : { code, quantity });
    if (!reply.ok) fail({ kind: "refused", refused: reply, code });
    else layer.value = null;
  }
}

export async function add(item_id: string): Promise<void> {
  beep();
  showRefusal(null, await link.send("add_item", { item_id }));
}

export async function changeQuantity(line_id: number, quantity: number): Promise<void> {
  picked.value = line_id;
  showRefusal(null, await link.send("change_quantity", { line_id, quantity }));
}

export async function voidLine(line_id: number): Promise<void> {
  showRefusal(null, await link.send("void_line", { line_id }));
}

export async function startOver(): Promise<void> {
  showRefusal(null, await link.send("void_basket", {}));
  layer.value = null;
}

export async function pay(): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("choose_tender", { tender: "cash" }));
}

export async function leaveTender(): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("leave_tender", {}));
}

/** The customer scanned while paying and wants the item too. */
export async function leaveTenderAndScan(code: string): Promise<void> {
  trouble.value = null;
  // Both at once: the server does them in order, and our picture of it may be a moment behind.
  const leaving = link.send("leave_tender", {});
  const scanning = link.send("scan_item", { code });
  showRefusal(null, await leaving);
  const reply = await scanning;
  if (!reply.ok) fail({ kind: "refused", refused: reply, code });
}

export async function callHelp(): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("call_attendant", {}));
}

export async function finish(): Promise<void> {
  const reply = await link.send("finish", {});
  // Another tab or the next customer was faster: that is no trouble of anybody's.
  if (!reply.ok && reply.code !== "wrong_state" && reply.code !== "illegal_transition") showRefusal(null, reply);
}

function showRefusal(order: Order | null, reply: Reply): void {
  if (reply.ok) return;
  const code = order?.name === "scan_item" ? order.data.code : null;
  fail({ kind: "refused", refused: reply, code });
}

function fail(what: Trouble): void {
  errorTone();
  trouble.value = what;
}
