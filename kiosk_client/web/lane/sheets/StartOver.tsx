import { Button } from "../../design/Button";
import { Sheet } from "../../design/Sheet";
import { t, tn } from "../../i18n/i18n";
import type { LaneScreen } from "../../wire/types";
import { startOver } from "../deeds";
import { closeSheet } from "../model";

export function StartOverSheet({ state }: { state: LaneScreen }) {
  const items = state.basket?.totals.items ?? 0;
  return (
    <Sheet title={t("Start over?")} onClose={closeSheet}>
      <p class="question">{tn("{n} item will be taken out of your basket.", "All {n} items will be taken out of your basket.", items)}</p>
      <div class="choices">
        <Button look="large" onPress={closeSheet}>
          {t("Keep my items")}
        </Button>
        <Button look="large danger" icon="trash" onPress={startOver}>
          {t("Start over")}
        </Button>
      </div>
    </Sheet>
  );
}
