import { t } from "../../i18n/i18n";
import type { ManagerScreen } from "../../wire/types";
import { isCashier } from "../model";
import { GiftCards } from "./Gifts";
import { Parked } from "./Parked";
import { Refund } from "./Refund";

/** What is done at the counter beside the lanes: goods that come back, gift cards, baskets that were put aside. */
export function Counter({ state }: { state: ManagerScreen }) {
  return (
    <div class="office counter">
      <header>
        <h2>{t("Counter")}</h2>
      </header>
      {isCashier(state) ? (
        <>
          <Refund state={state} />
          <GiftCards state={state} />
        </>
      ) : (
        <p class="note">{t("Refunds and gift cards are for cashiers and managers.")}</p>
      )}
      <Parked state={state} />
    </div>
  );
}
