import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import type { Store } from "../wire/types";
import { Languages } from "./Header";
import { isSoundOn, switchSound } from "./sound";

export function Options({ store, onClose }: { store: Store; onClose: () => void }) {
  return (
    <Sheet title={t("Language and sound")} onClose={onClose}>
      <Languages store={store} onPicked={onClose} />
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={isSoundOn.value}
        onClick={() => switchSound(!isSoundOn.value)}
      >
        {t("Sounds")}
      </button>
    </Sheet>
  );
}
