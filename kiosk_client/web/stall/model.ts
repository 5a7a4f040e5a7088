import { computed, signal } from "@preact/signals";
import { judge, refused } from "../shell/Trouble";
import { beep } from "../shell/sound";
import { Link } from "../wire/link";
import { basketAfter, interventionsAfter, ticketAfter, tileAfter } from "../wire/reduce";
import { ASK_AGAIN } from "../wire/stream";
import type { Item, Pushed, StallScreen } from "../wire/types";

/** The item whose choices are being made, and whether the order may still be changed. */
export const choosing = signal<Item | null>(null);
export const category = signal<string | null>(null);

export const link = new Link<StallScreen>({
  screen: "stall",
  reduce,
  onEvent,
  onLateAnswer: (_order, reply) => void judge(reply),
});

export const isOnline = computed(() => link.status.value === "live" || link.status.value === "late");

/** What is on the way to the order: drawn before the server has said so. */
export const pending = computed(() =>
  link.outbox.waiting.value.flatMap(({ order }) =>
    order.name === "add_item" ? [{ key: order.key, item_id: order.data.item_id, quantity: order.data.quantity ?? 1 }] : [],
  ),
);

export function reduce(state: StallScreen, event: Pushed): StallScreen | typeof ASK_AGAIN {
  if (event.type === "items_imported") return { ...state, menu: menuAfter(state.menu, event.data.items) };
  const basket = basketAfter(state.basket, event);
  if (basket === ASK_AGAIN) return ASK_AGAIN;
  const next: StallScreen = {
    ...state,
    basket,
    terminal: tileAfter(state.terminal, event),
    ticket: state.ticket && ticketAfter(state.ticket, event),
    interventions: interventionsAfter(state.interventions, event),
  };
  switch (event.type) {
    case "basket_opened":
      return { ...next, receipt: null, ticket: null };
    case "basket_paid":
      return { ...next, receipt: event.data.receipt };
    case "ticket_fired":
      return { ...next, ticket: event.data.ticket };
    case "terminal_moved":
      // The car has gone, or a new one is here: what was served before is no longer shown.
      return ["free", "arrived"].includes(event.data.state) ? { ...next, basket: null, receipt: null, ticket: null } : next;
    default:
      return next;
  }
}

function menuAfter(menu: readonly Item[], imported: readonly Item[]): readonly Item[] {
  const changed = new Map(imported.filter((item) => item.kind === "menu").map((item) => [item.item_id, item]));
  const kept = menu.map((item) => changed.get(item.item_id) ?? item);
  const known = new Set(menu.map((item) => item.item_id));
  return [...kept, ...[...changed.values()].filter((item) => !known.has(item.item_id))];
}

function onEvent(event: Pushed): void {
  if (event.type !== "terminal_moved") return;
  if (event.data.state === "free") {
    refused.value = null;
    choosing.value = null;
    category.value = null;
  }
  // An attendant took over while choices were open: they could no longer be added.
  if (event.data.state === "ordered") choosing.value = null;
}

export async function arrive(): Promise<void> {
  judge(await link.send("arrive", {}));
}

/** Put an item into the order; one with choices to make opens them first. */
export async function pick(item: Item): Promise<void> {
  if (item.modifier_groups.length > 0) {
    choosing.value = item;
    return;
  }
  beep();
  judge(await link.send("add_item", { item_id: item.item_id }));
}

export async function addChosen(item: Item, modifiers: readonly string[], quantity: number): Promise<void> {
  choosing.value = null;
  beep();
  judge(await link.send("add_item", { item_id: item.item_id, modifiers, quantity }));
}

export async function changeQuantity(line_id: number, quantity: number): Promise<void> {
  const reply = quantity > 0 ? link.send("change_quantity", { line_id, quantity }) : link.send("void_line", { line_id });
  judge(await reply);
}

export async function placeOrder(): Promise<void> {
  judge(await link.send("place_order", {}));
}

export async function changeOrder(): Promise<void> {
  judge(await link.send("leave_tender", {}));
}

export async function cancelOrder(): Promise<void> {
  judge(await link.send("void_basket", {}));
}

export async function callHelp(): Promise<void> {
  judge(await link.send("call_attendant", {}));
}

export async function finish(): Promise<void> {
  judge(await link.send("finish", {}));
}
