import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Line } from "../../design/Line";
import { MoneyField } from "../../design/MoneyField";
import { Sheet } from "../../design/Sheet";
import { t } from "../../i18n/i18n";
import type { LaneScreen } from "../../wire/types";
import { largeLine } from "../Scanning";
import { askForPrice } from "../deeds";
import { closeSheet, isOnline } from "../model";

/** The customer saw another price; a cashier decides, and until then paying waits. */
export function ShelfPriceSheet({ state }: { state: LaneScreen }) {
  const [cents, setCents] = useState(0);
  const line = largeLine(state.basket);
  if (!line) return null;
  const ask = () => askForPrice(line.line_id, cents);
  return (
    <Sheet title={t("The shelf said another price")} onClose={closeSheet}>
      <Line line={line} />
      <form class="number-entry" onSubmit={(event) => (event.preventDefault(), cents > 0 && void ask())}>
        <MoneyField id="shelf-price" label={t("Price of one, as it stands on the shelf")} cents={cents} onChange={setCents} />
        <Button look="filled large" isDisabled={cents === 0 || !isOnline.value} onPress={ask}>
          {t("Have it checked")}
        </Button>
      </form>
    </Sheet>
  );
}
