import type { RefusalCode, Refused } from "../wire/types";
import { t } from "./i18n";

// What happened, what it means, what to do. A code without a row shows the server's own message.

const TEXTS: Partial<Record<RefusalCode, (details: Record<string, unknown>) => string>> = {
  bad_code: () => t("That was not a product code. Please scan the barcode again, or search for the item."),
  bad_check_digit: () => t("The code was not read cleanly. Please scan it again."),
  code_too_long: () => t("That code is far too long for a product. Please scan the barcode of the item."),
  unknown_item: () => t("We do not know this item. Please set it aside, search for it, or call for help."),
  not_for_sale: () => t("This item cannot be sold at the moment. Please set it aside or call for help."),
  wrong_state: () => t("That is not possible right now. Nothing was changed."),
  illegal_transition: () => t("That is not possible right now. Nothing was changed."),
  out_of_range: () => t("That number is outside the limits. Nothing was changed."),
  basket_empty: () => t("There is nothing in the basket yet. Scan an item first."),
  amount_too_small: () => t("That is less than what is due. Nothing was booked."),
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
