import { Button } from "../../design/Button";
import { Line } from "../../design/Line";
import { Sheet } from "../../design/Sheet";
import { t } from "../../i18n/i18n";
import type { LaneScreen } from "../../wire/types";
import { largeLine } from "../Scanning";
import { skipBagging } from "../deeds";
import { callHelp, closeSheet, isOnline, layer, scalesOf } from "../model";

/** What can be asked about the line that is shown large. */
export function LineSheet({ state }: { state: LaneScreen }) {
  const line = largeLine(state.basket);
  if (!line) return null;
  return (
    <Sheet title={line.name} onClose={closeSheet}>
      <Line line={line} />
      <div class="list">
        <Button icon="question" look="row" onPress={() => void (layer.value = "why")} isDisabled={!isOnline.value}>
          {t("Why this price?")}
        </Button>
        {!line.weight_g && line.kind !== "gift" && (
          <Button icon="tag" look="row" onPress={() => void (layer.value = "shelf_price")} isDisabled={!isOnline.value}>
            <span>
              {t("The shelf said another price")}
              <small>{t("A cashier checks it, and you pay what is right.")}</small>
            </span>
          </Button>
        )}
        {scalesOf(state).bagging !== null && (
          <Button icon="box" look="row" onPress={() => skipBagging(line.line_id)} isDisabled={!isOnline.value}>
            <span>
              {t("It is too large to bag")}
              <small>{t("It stays in your trolley or in your hand.")}</small>
            </span>
          </Button>
        )}
        <Button icon="help" look="row" onPress={() => callHelp().then(closeSheet)}>
          {t("Help")}
        </Button>
      </div>
    </Sheet>
  );
}
