import { computed, signal } from "@preact/signals";
import { hourOf } from "../i18n/format";
import { judge } from "../shell/Trouble";
import { Link } from "../wire/link";
import { interventionsAfter, ticketAfter, tileAfter } from "../wire/reduce";
import { ASK_AGAIN } from "../wire/stream";
import { printJobsAfter } from "./paperwork";
import type { CommandName, Commands, Intervention, ManagerScreen, Pairing, Pushed, Receipt, Takings, Terminal, Tile } from "../wire/types";

export type View = "inbox" | "floor" | "counter" | "today" | "receipts" | "past" | "terminals" | "people" | "network" | "system";

const phone = matchMedia("(max-width: 48rem)");
const isPhone = signal(phone.matches);
phone.addEventListener("change", () => void (isPhone.value = phone.matches));

export const picked = signal<View>("inbox");
/** On a phone the inbox comes first; a desk shows it beside everything. */
export const view = computed<View>(() => (picked.value === "inbox" && !isPhone.value ? "floor" : picked.value));
/** The terminal whose sheet is open. */
export const opened = signal<string | null>(null);
/** How many pumps the last emergency stop reached; null when there was none. */
export const stopped = signal<number | null>(null);

/** The event that was drawn last, for what is asked for over HTTP and is old once one of its kind has come. */
export const lastEvent = signal<Pushed | null>(null);

export const link = new Link<ManagerScreen>({
  screen: "manager",
  reduce,
  onEvent: (event) => void (lastEvent.value = event),
  onLateAnswer: (_order, reply) => void judge(reply),
});

export const isOnline = computed(() => link.status.value === "live" || link.status.value === "late");

const MANAGEMENT: ReadonlySet<string> = new Set(["manager", "owner"]);
const CONSOLE: ReadonlySet<string> = new Set(["cashier", "manager", "owner"]);

/** Whether this person decides who comes in; the server has the last word. */
export function isManagement(state: ManagerScreen): boolean {
  return MANAGEMENT.has(state.role);
}

/** Whether this person gives money back, sells gift cards and decides about prices; the server has the last word. */
export function isCashier(state: ManagerScreen): boolean {
  return CONSOLE.has(state.role);
}

/** What this person may look at, in the order of the navigation. */
export function viewsOf(state: ManagerScreen): readonly View[] {
  if (isManagement(state)) return ["inbox", "floor", "counter", "today", "receipts", "past", "terminals", "people", "network", "system"];
  return isCashier(state) ? ["inbox", "floor", "counter", "today", "receipts", "system"] : ["inbox", "floor", "counter", "today"];
}

const pairingsTopic = link.topic<{ pairings: readonly Pairing[] }>("pairings");

/** Browsers that ask to become terminals, the longest waiting first. */
export function pairingsOf(state: ManagerScreen): readonly Pairing[] {
  if (!isManagement(state)) return [];
  const now = link.now();
  return (pairingsTopic.value?.pairings ?? state.pairings).filter((one) => one.expires_at > now);
}

export function reduce(state: ManagerScreen, event: Pushed): ManagerScreen | typeof ASK_AGAIN {
  const next: ManagerScreen = {
    ...state,
    terminals: state.terminals.map((tile) => floorTileAfter(tile, event)),
    inbox: interventionsAfter(state.inbox, event),
    print_jobs: printJobsAfter(state.print_jobs, event),
    tickets: state.tickets.map((ticket) => ticketAfter(ticket, event)),
  };
  switch (event.type) {
    case "terminal_added":
      return { ...next, terminals: byName([...next.terminals, tileOf(event.data.added)]) };
    case "terminal_paired": {
      const { paired } = event.data;
      const isKnown = next.terminals.some((tile) => tile.name === paired.name);
      return isKnown ? next : { ...next, terminals: byName([...next.terminals, tileOf(paired)]) };
    }
    case "terminal_retired":
      return { ...next, terminals: next.terminals.filter((tile) => tile.name !== event.data.terminal) };
    case "basket_resumed":
      return ASK_AGAIN; // its lines were somewhere else
    case "basket_paid":
      return { ...next, takings: takingsAfter(state.takings, event.data.receipt, state.store.zone) };
    case "day_opened":
      return { ...next, takings: emptyDay(event.data.day) };
    case "ticket_fired":
      return { ...next, tickets: [...next.tickets, event.data.ticket] };
    case "ticket_moved":
      return { ...next, tickets: next.tickets.filter(({ state }) => state !== "handed_over" && state !== "voided") };
    case "simulation_switched":
      return { ...next, is_simulating: event.data.is_on };
    default:
      return next;
  }
}

/** A pump shows its fuelling point; the baskets that its fuellings become are the inbox's. */
function floorTileAfter(tile: Tile, event: Pushed): Tile {
  if (tile.kind === "pump" && event.type !== "pump_moved" && event.type !== "terminal_moved") return tile;
  return tileAfter(tile, event);
}

function tileOf(terminal: Terminal): Tile {
  const { name, kind, state, state_since, basket_id, is_training } = terminal;
  return { name, kind, state, state_since, basket_id, is_training, is_online: false, seen_at: null, items: 0, total_cents: 0, point: null };
}

function byName(tiles: readonly Tile[]): readonly Tile[] {
  return [...tiles].sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
}

function emptyDay(day: string): Takings {
  return { day, total_cents: 0, receipts: 0, by_hour_cents: Array<number>(24).fill(0), by_kind_cents: {}, by_tender_cents: {}, rounding_cents: 0 };
}

/** Sums of receipts that the server has made: nothing is priced here. */
function takingsAfter(takings: Takings, receipt: Receipt, zone: string): Takings {
  if (receipt.is_training || receipt.day !== takings.day) return takings;
  const hour = hourOf(receipt.paid_at, zone);
  const by_kind_cents: Record<string, number> = { ...takings.by_kind_cents };
  for (const line of receipt.lines) {
    if (!line.is_voided) by_kind_cents[line.kind] = (by_kind_cents[line.kind] ?? 0) + line.total_cents;
  }
  const by_tender_cents: Record<string, number> = { ...takings.by_tender_cents };
  for (const { kind, amount_cents } of receipt.payments) {
    by_tender_cents[kind] = (by_tender_cents[kind] ?? 0) + amount_cents;
  }
  return {
    ...takings,
    by_tender_cents,
    rounding_cents: takings.rounding_cents + receipt.rounding_cents,
    total_cents: takings.total_cents + receipt.total_cents,
    receipts: takings.receipts + (receipt.refund_of === null ? 1 : 0),
    by_hour_cents: takings.by_hour_cents.map((cents, index) => (index === hour ? cents + receipt.total_cents : cents)),
    by_kind_cents,
  };
}

interface Presence {
  is_online: boolean;
  seen_at: number;
}

/** Whether a terminal is there: the latest word of its lease, else what the snapshot said. */
export function isThere(tile: Tile): boolean {
  return link.topic<Presence>(`presence:${tile.name}`).value?.is_online ?? tile.is_online;
}

/** When a terminal was there last, ms since 1970; null when it was not since the server started. */
export function seenAt(tile: Tile): number | null {
  return link.topic<Presence>(`presence:${tile.name}`).value?.seen_at ?? tile.seen_at;
}

export function isStaffScreen(tile: Tile): boolean {
  return tile.kind === "manager";
}

/** The inbox, oldest first. */
export function waiting(state: ManagerScreen): readonly Intervention[] {
  return [...state.inbox].sort((one, other) => one.raised_at - other.raised_at);
}

/** Give a command; a refusal is shown, and nothing else needs to be done with it. */
export async function ask<N extends CommandName>(name: N, data: Commands[N]): Promise<boolean> {
  return judge(await link.send(name, data));
}

export async function stopAllPumps(): Promise<void> {
  const reply = await link.send("stop_all_pumps", {});
  if (judge(reply) && reply.ok) stopped.value = (reply.result as { stopped: string[] }).stopped.length;
}
