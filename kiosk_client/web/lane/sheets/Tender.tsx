import { Money } from "../../design/Money";
import { Sheet } from "../../design/Sheet";
import { t } from "../../i18n/i18n";
import type { LaneScreen } from "../../wire/types";
import { closeSheet } from "../model";
import { Choice } from "../paying/Choose";

/** How to pay. Nothing has begun yet: a scan still goes into the basket, and closing it changes nothing. */
export function TenderSheet({ state }: { state: LaneScreen }) {
  return (
    <Sheet title={t("How do you want to pay?")} onClose={closeSheet}>
      <p class="sum">
        <Money cents={state.basket?.totals.due_cents ?? 0} />
      </p>
      <Choice state={state} />
    </Sheet>
  );
}
