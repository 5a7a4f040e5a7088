import { currency } from "../design/Money";
import { money } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { Evidence, Intervention, InterventionKind, LaneScreen, Payment, PrintJob } from "../wire/types";
import { scalesOf } from "./model";
import { owed } from "./paying/pay";

// What a customer is told about things that programs have words for. One row each; none of it is in the first load.

/** What happens, and what it asks of the customer. */
interface Told {
  readonly what: string;
  readonly then: string;
}

const name = ({ item_name }: Evidence) => item_name || t("this item");
const cents = (value: number | null | undefined) => money(value ?? 0, currency.value);

const INTERVENTIONS: Record<InterventionKind, (seen: Evidence, isHeld: boolean) => Told> = {
  assistance: ({ reason }) =>
    reason?.startsWith("scale_")
      ? { what: t("The scale of this lane is out of order."), then: t("Just go on. Staff have been told.") }
      : { what: t("Help is on its way."), then: t("You may go on.") },
  cash: () => ({ what: t("An attendant takes your cash here."), then: t("They have been told.") }),
  pump_call: () => ({ what: t("Help is on its way."), then: t("You may go on.") }),
  age: ({ minimum_age }, isHeld) => ({
    what: t("An attendant has to see that you are {age} or older.", { age: minimum_age ?? 18 }),
    then: isHeld ? t("Please have your ID ready.") : t("Please have your ID ready. You may go on scanning."),
  }),
  unknown_item: () => ({ what: t("An attendant finds out what this item costs."), then: t("Please set it aside. You may go on scanning.") }),
  not_for_sale: () => ({ what: t("An attendant looks at the item that cannot be sold."), then: t("Please set it aside. You may go on scanning.") }),
  recalled: () => ({ what: t("An attendant takes the recalled item from you."), then: t("Please do not take it home. You may go on scanning.") }),
  expired: () => ({ what: t("An attendant takes the item that is out of date from you."), then: t("Please fetch a fresh one. You may go on scanning.") }),
  quantity_cap: (seen) => ({
    what: t("{name}: one purchase holds {limit} without being asked, and yours holds {quantity}.", {
      name: name(seen),
      limit: seen.limit ?? 0,
      quantity: seen.quantity ?? 0,
    }),
    then: t("An attendant has a look. You may go on scanning."),
  }),
  weight_mismatch: (seen) => mismatch(seen),
  own_bag: () => ({ what: t("Your bag is heavier than an empty one."), then: t("An attendant has a quick look into it. Please wait.") }),
  void_above_limit: (seen) => ({
    what: seen.line_id
      ? t("{name} is taken out by an attendant.", { name: name(seen) })
      : t("Your basket is taken back by an attendant."),
    then: t("Amounts of this size need a second pair of eyes. It stays in your basket until then."),
  }),
  price_override: (seen) => ({
    what: t("{name}: you saw {price} on the shelf.", { name: name(seen), price: cents(seen.amount_cents) }),
    then: t("A cashier checks it. You may go on scanning."),
  }),
  random_check: () => ({
    what: t("Your basket was drawn for a quick check."),
    then: t("It means nothing; chance decides. An attendant looks at a few items, then you can pay."),
  }),
  walk_off: () => ({ what: t("The bagging area is empty, and nothing is paid yet."), then: t("Please put your items back, or wait for an attendant.") }),
  payment: () => ({ what: t("An attendant sees to your payment."), then: t("Please do not pay again.") }),
  refund: () => ({ what: t("An attendant sees to your money."), then: t("They have been told.") }),
};

function mismatch(seen: Evidence): Told {
  if (seen.reason === "skipped") {
    return { what: t("{name} stays out of the bagging area.", { name: name(seen) }), then: t("An attendant has a quick look. Please wait.") };
  }
  return (seen.measured_g ?? 0) > (seen.expected_g ?? 0)
    ? { what: t("Something lies in the bagging area that was not scanned."), then: t("Please take it out again, or wait for an attendant.") }
    : { what: t("Something is missing from the bagging area."), then: t("Please put every item there that you scanned, or wait for an attendant.") };
}

export function toldOf(one: Intervention): Told {
  return INTERVENTIONS[one.kind](one.evidence, one.is_holding_scanning);
}

const DENIED: Partial<Record<InterventionKind, (seen: Evidence) => string>> = {
  age: () => t("The attendant may not sell this to you. It was taken out of your basket."),
  quantity_cap: (seen) => t("{name}: only {limit} can be sold to you. The others were taken out.", { name: name(seen), limit: seen.limit ?? 0 }),
  void_above_limit: () => t("The attendant has not taken it out. It stays in your basket."),
  price_override: (seen) => t("{name}: the price of {price} is right.", { name: name(seen), price: cents(seen.unit_price_cents) }),
};

/** What a "no" of the attendant means for the basket; elsewhere they say it themselves. */
export function deniedText({ kind, evidence }: Intervention): string {
  return DENIED[kind]?.(evidence) ?? t("The attendant has said no. Please ask them what to do.");
}

/** What the bagging area wants of the customer; empty where it wants nothing. */
export function baggingText(state: LaneScreen): string {
  const then = owed.value ? ` ${t("Payment begins by itself after that.")}` : "";
  const what = {
    missing: t("Please put the item into the bagging area."),
    surplus: t("Something lies in the bagging area that was not scanned."),
    none: then && t("One moment: the bagging area is being weighed."),
  }[scalesOf(state).bagging?.deviation ?? "none"];
  return what && what + then;
}

const DISPLAYS: Record<NonNullable<Payment["display"]>, () => string> = {
  "": () => t("The card reader is getting ready"),
  present_card: () => t("Hold your card to the reader, or put it in"),
  processing: () => t("Your bank is being asked"),
  approved: () => t("Approved"),
  declined: () => t("Declined"),
  remove_card: () => t("Please take your card"),
};

/** What the reader shows, in the customer's language. */
export function displayText({ display }: Payment): string {
  return DISPLAYS[display ?? ""]();
}

const DECLINED: Record<string, () => string> = {
  insufficient_funds: () => t("The card does not cover this amount."),
  expired_card: () => t("The card has expired."),
  incorrect_pin: () => t("The PIN was not right."),
  no_reader: () => t("The card reader does not answer."),
};

/** How an attempt to pay ended, and that no money was taken. */
export function endedText(payment: Payment): string {
  const unpaid = t("No money was taken.");
  if (payment.state === "timed_out") return `${t("No card was seen in time.")} ${unpaid}`;
  if (payment.state === "cancelled") return `${t("The payment was cancelled.")} ${unpaid}`;
  const why = DECLINED[payment.reason ?? ""]?.() ?? t("Your bank said no.");
  return `${why} ${unpaid}`;
}

/** Where a receipt is on its way to paper. */
export function printText({ state, outcome }: PrintJob): string {
  if (state === "waiting") return t("Your receipt is being printed");
  if (state === "printed") return t("Please take your receipt");
  if (state === "unknown") return t("Perhaps it was printed. Please look, or ask an attendant.");
  return outcome === "paper_out"
    ? t("The printer is out of paper. Staff have been told.")
    : t("The printer does not answer. Staff have been told.");
}
