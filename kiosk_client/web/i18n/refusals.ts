import { currency } from "../design/Money";
import type { RefusalCode, Refused } from "../wire/types";
import { dayName, kilograms, money } from "./format";
import { t } from "./i18n";

// What happened, what it means, what to do. A code without a row shows the server's own message.

type Details = Readonly<Record<string, unknown>>;

const TEXTS: Partial<Record<RefusalCode, (details: Details) => string>> = {
  bad_code: () => t("That was not a product code. Please scan the barcode again, or search for the item."),
  bad_check_digit: () => t("The code was not read cleanly. Please scan it again."),
  code_too_long: () => t("That code is far too long for a product. Please scan the barcode of the item."),
  unknown_item: () => t("We do not know this item. Please set it aside, search for it, or call for help."),
  not_for_sale: notForSale,
  coupon_not_taken: couponNotTaken,
  hand_off_not_taken: handOffNotTaken,
  weight_needed: (details) => t("{name} is sold by weight. Nothing was added. Please call for help.", { name: nameIn(details) }),
  attendant_needed: () => t("Somebody has to look first. Nothing was changed; please wait a moment."),
  scale_not_ready: scaleNotReady,
  bagging_disagrees: ({ deviation }) =>
    deviation === "missing"
      ? t("Please put the item into the bagging area.")
      : t("Something lies in the bagging area that was not scanned."),
  already_exists: () => t("That is there already. Nothing was added."),
  wrong_state: wrongState,
  illegal_transition: () => t("That is not possible right now. Nothing was changed."),
  out_of_range: outOfRange,
  basket_empty: () => t("There is nothing in the basket yet. Scan an item first."),
  amount_too_small: () => t("That is less than what is due. Nothing was booked."),
  unknown_gift_card: () => t("We do not know a gift card with this number. Nothing was paid. Please check its digits."),
  gift_card_expired: () => t("This gift card has expired. Nothing was paid. Please ask an attendant."),
  gift_card_empty: () => t("There is nothing left on this gift card. Please pay in another way."),
  not_found: () => t("That is no longer there. Somebody may have been faster."),
  forbidden: () => t("You are not allowed to do this. Ask a manager."),
  not_signed_in: () => t("You are signed out. Please sign in again."),
  too_many: () => t("That was too often in a short time. Please wait a moment."),
  busy: () => t("The store is very busy. Please try again in a moment."),
  read_only: () => t("The store cannot record anything at the moment, so nothing was done. Staff have been told."),
  internal: () => t("Something went wrong on our side. Nothing was done. Please try again or call for help."),
};

export function refusalText(refused: Refused): string {
  const text = TEXTS[refused.code];
  return text ? text(refused.details ?? {}) : refused.message;
}

function nameIn({ item_name }: Details): string {
  return String(item_name || t("This item"));
}

function notForSale(details: Details): string {
  const name = nameIn(details);
  switch (details["reason"]) {
    case "expired":
      return t("{name} was good until {day}. Nothing was added. Please take a fresh one and leave this one with us.", {
        name,
        day: dayName(String(details["expired_on"])),
      });
    case "withdrawn":
      return t("{name} has been recalled and must not be sold. Please leave it with us and do not take it home.", { name });
    case "fuel":
      return t("{name} is sold at the pumps only. Nothing was added.", { name });
    default:
      return t("This item cannot be sold at the moment. Please set it aside or call for help.");
  }
}

function couponNotTaken({ reason }: Details): string {
  switch (reason) {
    case "ended":
      return t("The offer of this coupon has ended. Nothing was changed.");
    case "not_now":
      return t("This coupon is not valid today or at this hour. Nothing was changed.");
    case "held":
      return t("This coupon is in your basket already; one counts.");
    case "used":
    case "elsewhere":
      return t("This coupon was handed in before; it is good for one purchase. Nothing was changed.");
    default:
      return t("This coupon cannot be taken here. Nothing was changed. Please ask an attendant.");
  }
}

function handOffNotTaken({ reason }: Details): string {
  switch (reason) {
    case "expired":
      return t("The time of this code is over. Please show a new one at the lane where your items are.");
    case "here":
      return t("These items are here already. Please scan the code at the other lane.");
    default:
      return t("No items are waiting under this code. Nothing was changed.");
  }
}

function scaleNotReady({ condition }: Details): string {
  return condition === "unstable"
    ? t("The scale has not come to rest yet. Nothing was added. Please try again in a moment.")
    : t("The scale cannot weigh at the moment. Nothing was added. Please call for help.");
}

function wrongState({ cash_cents, payment_id, state }: Details): string {
  if (typeof cash_cents === "number") {
    const price = money(cash_cents, currency.value);
    return t("You have paid {price} in cash already. Please pay the rest, or ask an attendant to give it back.", { price });
  }
  if (payment_id && state === "unknown") {
    return t("Nobody knows yet whether your card was charged. Please wait for the answer and do not pay again.");
  }
  return t("That is not possible right now. Nothing was changed.");
}

function outOfRange(details: Details): string {
  const { minimum_weight_g, limit, due_cents } = details;
  if (typeof minimum_weight_g === "number") {
    const weight = kilograms(minimum_weight_g);
    return t("That is too light: this scale sells from {weight} kg. Nothing was added.", { weight });
  }
  if ("tare_g" in details) return t("There is nothing on the scale. Nothing was added.");
  if (details["reason"] === "max_quantity") {
    return t("{name}: one purchase may hold {limit}. Please call for help.", { name: nameIn(details), limit: Number(limit) });
  }
  if (typeof due_cents === "number") return t("That is more than what is due. Nothing was booked.");
  return t("That number is outside the limits. Nothing was changed.");
}
