import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Keypad } from "../../design/Keypad";
import { Sheet } from "../../design/Sheet";
import { t } from "../../i18n/i18n";
import { closeSheet, scan } from "../model";

/** For what has a number and no barcode, and for barcodes that will not scan. */
export function KeyInSheet() {
  const [digits, setDigits] = useState("");
  return (
    <Sheet title={t("Key in a number")} onClose={closeSheet}>
      <form
        class="number-entry"
        onSubmit={(event) => {
          event.preventDefault();
          if (digits) void scan(digits);
        }}
      >
        <label for="keyed-number">{t("Number on the label or barcode")}</label>
        <input
          id="keyed-number"
          class="field number"
          inputMode="none"
          value={digits}
          autocomplete="off"
          onInput={(event) => setDigits(event.currentTarget.value.replace(/\D/g, ""))}
        />
        <Keypad value={digits} onChange={setDigits} />
        <Button look="filled large" isDisabled={digits === ""} onPress={() => scan(digits)}>
          {t("Add the item")}
        </Button>
      </form>
    </Sheet>
  );
}
