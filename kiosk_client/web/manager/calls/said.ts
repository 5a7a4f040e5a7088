import { t } from "../../i18n/i18n";
import type { InterventionKind } from "../../wire/types";

// The short reasons. In the journal they stand in English, whoever chose them; free text stays as it was typed.

const REASONS: Readonly<Record<string, () => string>> = {
  "ID checked": () => t("ID checked"),
  "Clearly old enough": () => t("Clearly old enough"),
  "No ID": () => t("No ID"),
  "Too young": () => t("Too young"),
  "Usual amount": () => t("Usual amount"),
  "The limit holds": () => t("The limit holds"),
  "All is right": () => t("All is right"),
  "It lies somewhere else": () => t("It lies somewhere else"),
  "Not scanned yet": () => t("Not scanned yet"),
  "Nothing in the bag": () => t("Nothing in the bag"),
  "Something in the bag": () => t("Something in the bag"),
  "Scanned by mistake": () => t("Scanned by mistake"),
  "Changed their mind": () => t("Changed their mind"),
  "Too expensive": () => t("Too expensive"),
  "The item is gone": () => t("The item is gone"),
  "The shelf says so": () => t("The shelf says so"),
  "The shelf says otherwise": () => t("The shelf says otherwise"),
  Damaged: () => t("Damaged"),
  Spoiled: () => t("Spoiled"),
  "Wrong item": () => t("Wrong item"),
  "Wrong price": () => t("Wrong price"),
  "Everything scanned": () => t("Everything scanned"),
  "Something was missing": () => t("Something was missing"),
  "Nobody is there": () => t("Nobody is there"),
  "The customer is back": () => t("The customer is back"),
};

interface Pair {
  readonly approved: readonly string[];
  readonly denied: readonly string[];
}

const OFFERED: Partial<Record<InterventionKind, Pair>> = {
  age: { approved: ["ID checked", "Clearly old enough"], denied: ["No ID", "Too young"] },
  quantity_cap: { approved: ["Usual amount"], denied: ["The limit holds"] },
  weight_mismatch: { approved: ["All is right", "It lies somewhere else"], denied: ["Not scanned yet"] },
  own_bag: { approved: ["Nothing in the bag"], denied: ["Something in the bag"] },
  void_above_limit: { approved: ["Scanned by mistake", "Changed their mind", "Too expensive", "Damaged"], denied: ["The item is gone"] },
  price_override: { approved: ["The shelf says so", "Damaged"], denied: ["The shelf says otherwise"] },
  random_check: { approved: ["Everything scanned"], denied: ["Something was missing"] },
  walk_off: { approved: ["Nobody is there"], denied: ["The customer is back"] },
};

export const VOID_REASONS: readonly string[] = ["Scanned by mistake", "Changed their mind", "Too expensive", "Damaged"];
export const REFUND_REASONS: readonly string[] = ["Damaged", "Spoiled", "Wrong item", "Wrong price", "Changed their mind"];

/** What may be said of a call with one tap. */
export function reasonsFor(kind: InterventionKind, outcome: "approved" | "denied"): readonly string[] {
  return OFFERED[kind]?.[outcome] ?? [];
}

/** A reason in the language of the page; what somebody typed is shown as it is. */
export function reasonText(reason: string): string {
  return REASONS[reason]?.() ?? reason;
}
