import type { Tone } from "../design/Light";
import { litres, money } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import { currency } from "../design/Money";
import type { FuellingPoint, InterventionKind, PumpState, Tile } from "../wire/types";
import type { Flow } from "../pump/flow";

/** A terminal's state in words; a state of a kind that this page does not know shows itself. */
export function stateWord(state: string): string {
  const words: Record<string, () => string> = {
    closed: () => t("Closed"),
    attract: () => t("Free"),
    free: () => t("Free"),
    scanning: () => t("Scanning"),
    intervention: () => t("Help wanted"),
    held: () => t("Held"),
    tendering: () => t("Paying"),
    receipt: () => t("Paid"),
    arrived: () => t("Arrived"),
    ordering: () => t("Ordering"),
    ordered: () => t("Ordered"),
    paid: () => t("Paid"),
    served: () => t("Served"),
    on: () => t("On"),
    idle: () => t("Free"),
    calling: () => t("Calling"),
    authorised: () => t("Switched on"),
    started: () => t("Started"),
    fuelling: () => t("Fuelling"),
    suspended_started: () => t("Stopped"),
    suspended_fuelling: () => t("Stopped"),
    inoperative: () => t("Out of order"),
  };
  return words[state]?.() ?? state;
}

const TONES: Record<string, Tone> = {
  closed: "stop",
  inoperative: "stop",
  suspended_started: "stop",
  suspended_fuelling: "stop",
  intervention: "wait",
  held: "stop",
  tendering: "wait",
  ordered: "wait",
  calling: "wait",
  attract: "idle",
  free: "idle",
  idle: "idle",
  on: "idle",
};

export function stateOf(tile: Tile): { tone: Tone; word: string } {
  const state = tile.point?.state ?? tile.state;
  if (tile.point?.state === "idle" && tile.point.unpaid.length > 0) return { tone: "wait", word: t("To pay") };
  return { tone: TONES[state] ?? "good", word: stateWord(state) };
}

const SHOWS_AMOUNT: ReadonlySet<PumpState> = new Set(["fuelling", "suspended_fuelling"]);

/** The one number of a tile: the basket's total, what flows, or what is owed. */
export function figureOf(tile: Tile, flow: Flow | null): { main: string; small: string } {
  if (tile.point) return pumpFigure(tile.point, flow);
  if (tile.items === 0) return { main: "", small: "" };
  return { main: money(tile.total_cents, currency.value), small: tn("{n} item", "{n} items", tile.items) };
}

function pumpFigure(point: FuellingPoint, flow: Flow | null): { main: string; small: string } {
  const isFlowing = SHOWS_AMOUNT.has(point.state);
  if (!isFlowing && point.unpaid.length === 0) return { main: "", small: point.grade?.name ?? "" };
  const shown = isFlowing && flow && flow.volume_ml >= point.volume_ml ? flow : point;
  return {
    main: money(shown.amount_cents, currency.value),
    small: `${t("{litres} l", { litres: litres(shown.volume_ml) })} ${point.grade?.name ?? ""}`,
  };
}

export function kindWord(kind: string): string {
  const words: Record<string, () => string> = {
    lane: () => t("Lanes"),
    stall: () => t("Stalls"),
    pump: () => t("Pumps"),
    kitchen: () => t("Kitchen"),
    pickup: () => t("Pickup"),
    display: () => t("Lane displays"),
    grocery: () => t("Groceries"),
    menu: () => t("Menu"),
    fuel: () => t("Fuel"),
  };
  return words[kind]?.() ?? kind;
}

export function callWord(kind: InterventionKind): string {
  const words: Record<InterventionKind, () => string> = {
    assistance: () => t("Help wanted"),
    cash: () => t("Cash to take"),
    pump_call: () => t("Wants to fuel"),
    age: () => t("Age to check"),
    unknown_item: () => t("Unknown item"),
    not_for_sale: () => t("Not for sale"),
    recalled: () => t("Recalled item"),
    expired: () => t("Expired item"),
    quantity_cap: () => t("Many of one item"),
    weight_mismatch: () => t("Weight differs"),
    own_bag: () => t("Own bag"),
    void_above_limit: () => t("Item to take back"),
    price_override: () => t("Another price"),
    random_check: () => t("Random check"),
    walk_off: () => t("Basket left behind"),
    payment: () => t("Card outcome unknown"),
    refund: () => t("Refund refused by card"),
  };
  return words[kind]();
}

/** A way of paying. */
export function tenderWord(kind: string): string {
  const words: Record<string, () => string> = {
    cash: () => t("Cash"),
    card: () => t("Card"),
    gift: () => t("Gift card"),
  };
  return words[kind]?.() ?? kind;
}

export const KINDS = ["lane", "stall", "pump", "kitchen", "pickup", "display", "manager"] as const;

/** What one terminal is, where `kindWord` names all of a kind. */
export function kindName(kind: string): string {
  const words: Record<string, () => string> = {
    lane: () => t("Lane"),
    stall: () => t("Stall"),
    pump: () => t("Pump"),
    kitchen: () => t("Kitchen"),
    pickup: () => t("Pickup"),
    display: () => t("Lane display"),
    manager: () => t("Console"),
  };
  return words[kind]?.() ?? kind;
}

export function roleWord(role: string): string {
  const words: Record<string, () => string> = {
    attendant: () => t("Attendant"),
    kitchen: () => t("Kitchen"),
    cashier: () => t("Cashier"),
    manager: () => t("Manager"),
    owner: () => t("Owner"),
  };
  return words[role]?.() ?? kindName(role);
}
