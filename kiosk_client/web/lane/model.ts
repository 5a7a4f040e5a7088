import { computed, signal } from "@preact/signals";
import { beep, errorTone } from "../shell/sound";
import { Link } from "../wire/link";
import { basketAfter, interventionsAfter, tileAfter } from "../wire/reduce";
import { ASK_AGAIN } from "../wire/stream";
import type { SHEETS } from "./parts";
import { isAfterHours } from "./hours";
import { compare, isListed } from "./provisional";
import type { Intervention, LaneScales, LaneScreen, Order, PrintJob, Pushed, Reading, Refused, Reply } from "../wire/types";

/** What went wrong, kept as facts so that it can be said in another language later. */
export type Trouble =
  | { kind: "refused"; refused: Refused; code: string | null }
  | { kind: "paying"; code: string }
  | { kind: "denied"; intervention: Intervention }
  | { kind: "closed" };

/** The sheets that lie over the lane, one row each in parts.ts. */
export type SheetName = keyof typeof SHEETS;

/** What the scale has to be asked for: an item by weight. */
export interface Weighed {
  readonly item_id: string;
  readonly item_name: string;
  readonly price_per_kg_cents: number;
  readonly tare_g: number;
}

export const trouble = signal<Trouble | null>(null);
export const layer = signal<SheetName | null>(null);
/** The line touched last is drawn large; null: the newest. */
export const picked = signal<number | null>(null);
export const weighed = signal<Weighed | null>(null);
/** Who wants the next code for itself, while paying: the number of a gift card is no item. */
export const taker = signal<((code: string) => void) | null>(null);

export const link = new Link<LaneScreen>({
  screen: "lane",
  isBox: true,
  reduce,
  onEvent,
  onAnswer: compare,
  onLateAnswer: showRefusal,
  basketOf: (state) => (state?.basket?.state === "open" || state?.basket?.state === "tendering" ? state.basket.basket_id : null),
});

export const isOnline = computed(() => link.status.value === "live" || link.status.value === "late");

export function reduce(state: LaneScreen, event: Pushed): LaneScreen | typeof ASK_AGAIN {
  const basket = basketAfter(state.basket, event);
  if (basket === ASK_AGAIN) return ASK_AGAIN;
  const terminal = tileAfter(state.terminal, event);
  const next = { ...state, basket, terminal, interventions: interventionsAfter(state.interventions, event) };
  switch (event.type) {
    case "basket_paid":
      return { ...next, receipt: event.data.receipt, print_job: null };
    case "terminal_moved":
      return event.data.state === "attract" ? { ...next, basket: null, receipt: null } : next;
    case "basket_opened":
      return { ...next, receipt: null };
    case "print_asked":
    case "receipt_printed":
    case "print_failed":
    case "print_settled":
      return { ...next, print_job: jobAfter(state, event.data.job) };
    default:
      return next;
  }
}

/** A reprint of somebody else's receipt is no business of the one that shows. */
function jobAfter({ receipt, print_job }: LaneScreen, job: PrintJob): PrintJob | null {
  return receipt?.number === job.receipt_number ? job : print_job;
}

function onEvent(event: Pushed): void {
  if (event.type === "item_scanned" || event.type === "quantity_changed") {
    picked.value = event.data.line.line_id;
    trouble.value = null;
  }
  if (event.type === "intervention_resolved" && event.data.outcome === "denied") {
    const { intervention_id } = event.data;
    const known = link.state.peek()?.interventions.find((one) => one.intervention_id === intervention_id);
    if (known) fail({ kind: "denied", intervention: known });
  }
}

export function closeSheet(): void {
  layer.value = null;
}

/** A code came in, on whatever screen: it is asked for at once, or told why not. */
export async function scan(code: string, quantity = 1): Promise<void> {
  const state = link.state.peek();
  if (state && (state.terminal.state === "closed" || (state.basket === null && isAfterHours(state)))) {
    fail({ kind: "closed" });
  } else if (state?.terminal.state === "tendering") {
    if (taker.value) taker.value(code);
    else fail({ kind: "paying", code });
  } else {
    beep();
    const open = openSheet();
    const reply = await link.send("scan_item", quantity === 1 ? { code } : { code, quantity });
    if (!reply.ok) refuse(reply, code);
    else if (layer.peek() === open) layer.value = null; // not what was opened meanwhile
  }
}

/** The sheet that the answer will close. No answer comes without a line: the list, where the item waits, is shown. */
function openSheet(): SheetName | null {
  if (link.status.peek() !== "live") layer.value = null;
  return layer.peek();
}

export async function add(item_id: string): Promise<void> {
  beep();
  const open = openSheet();
  const reply = await link.send("add_item", { item_id });
  if (layer.peek() === open) layer.value = null;
  if (!reply.ok) refuse(reply, null);
}

/** What is sold by weight goes onto the scale, where there is one; all else is told. */
function refuse(reply: Refused, code: string | null): void {
  if (isListed(reply)) return;
  const state = link.state.peek();
  if (reply.code !== "weight_needed" || !state || scaleOf(state) === null) return fail({ kind: "refused", refused: reply, code });
  weighed.value = reply.details as unknown as Weighed;
  layer.value = "weigh";
}

/** What this lane's scales say now: the reading that came last, else that of the whole state. */
export function scalesOf(state: LaneScreen): LaneScales {
  return link.topic<LaneScales>(`scale:${state.terminal.name}`).value ?? state.scales;
}

/** The scale that produce is sold by; null where there is none. */
export function scaleOf(state: LaneScreen): Reading | null {
  return scalesOf(state).produce;
}

export async function changeQuantity(line_id: number, quantity: number): Promise<void> {
  picked.value = line_id;
  showRefusal(null, await link.send("change_quantity", { line_id, quantity }));
}

export async function voidLine(line_id: number): Promise<void> {
  showRefusal(null, await link.send("void_line", { line_id }));
}

/** The customer scanned while paying and wants the item too. */
export async function leaveTenderAndScan(code: string): Promise<void> {
  trouble.value = null;
  // Both at once: the server does them in order, and our picture of it may be a moment behind.
  const leaving = link.send("leave_tender", {});
  const scanning = link.send("scan_item", { code });
  showRefusal(null, await leaving);
  const reply = await scanning;
  if (!reply.ok) refuse(reply, code);
}

export async function callHelp(code?: string): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("call_attendant", code ? { code } : {}));
}

export function showRefusal(order: Order | null, reply: Reply): void {
  if (reply.ok || isListed(reply)) return;
  const code = order?.name === "scan_item" ? order.data.code : null;
  fail({ kind: "refused", refused: reply, code });
}

function fail(what: Trouble): void {
  errorTone();
  trouble.value = what;
}
