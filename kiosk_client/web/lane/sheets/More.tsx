import { Button } from "../../design/Button";
import { Sheet } from "../../design/Sheet";
import { t } from "../../i18n/i18n";
import type { LaneScreen } from "../../wire/types";
import { declareBag } from "../deeds";
import { closeSheet, isOnline, layer, scalesOf } from "../model";

/** What few customers need, one touch away from those who do. */
export function MoreSheet({ state }: { state: LaneScreen }) {
  const hasItems = (state.basket?.totals.items ?? 0) > 0;
  const hasScale = scalesOf(state).bagging !== null;
  return (
    <Sheet title={t("More")} onClose={closeSheet}>
      <div class="list">
        {hasScale && (
          <Button icon="bag" look="row" onPress={declareBag} isDisabled={!isOnline.value}>
            <span>
              {t("I have put my own bag there")}
              <small>{t("Lay it into the bagging area first, empty.")}</small>
            </span>
          </Button>
        )}
        <Button icon="handoff" look="row" onPress={() => void (layer.value = "hand_off")} isDisabled={!hasItems || !isOnline.value}>
          <span>
            {t("Go on at another lane or till")}
            <small>{t("Your items move there with a code.")}</small>
          </span>
        </Button>
        <Button icon="trash" look="row" onPress={() => void (layer.value = "start_over")} isDisabled={!state.basket || !isOnline.value}>
          <span>
            {t("Start over")}
            <small>{t("Takes everything out of the basket.")}</small>
          </span>
        </Button>
      </div>
    </Sheet>
  );
}
