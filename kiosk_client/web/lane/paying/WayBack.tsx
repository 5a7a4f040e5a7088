import { Button } from "../../design/Button";
import { t } from "../../i18n/i18n";
import type { LaneScreen } from "../../wire/types";
import { leaveTender } from "../deeds";
import { isOnline } from "../model";
import { isChoosing } from "./face";
import { tendersOf } from "./pay";

/** The way back to the basket; beside it, where there is a choice, the way to another tender. */
export function WayBack({ state, canChoose = false }: { state: LaneScreen; canChoose?: boolean }) {
  return (
    <div class="back">
      {canChoose && tendersOf(state).length > 1 && (
        <Button onPress={() => void (isChoosing.value = true)} isDisabled={!isOnline.value}>
          {t("Pay in another way")}
        </Button>
      )}
      <Button icon="back" onPress={leaveTender} isDisabled={!isOnline.value}>
        {t("Back to scanning")}
      </Button>
    </div>
  );
}
