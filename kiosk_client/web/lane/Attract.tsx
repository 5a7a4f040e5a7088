import { Button } from "../design/Button";
import { t } from "../i18n/i18n";
import { Languages } from "../shell/Header";
import type { Store } from "../wire/types";
import { layer } from "./model";

// Widths of a barcode's bars; they mean nothing to a scanner.
const BARS = [3, 1, 2, 1, 1, 4, 2, 1, 3, 1, 1, 2, 4, 1, 2, 1, 3, 1, 1, 2, 1, 4, 1, 2, 3];

/** One sentence, a moving scan line, and the languages as their own names. */
export function Attract({ store }: { store: Store }) {
  return (
    <main class="attract">
      <div class="welcome">
        <p class="store">{t("Welcome to {store}", { store: store.name })}</p>
        <h2>{t("Scan your first item")}</h2>
      </div>
      <Barcode />
      <div class="start">
        <Button icon="search" onPress={() => void (layer.value = "search")}>
          {t("Search")}
        </Button>
        <Button icon="keypad" onPress={() => void (layer.value = "keypad")}>
          {t("Key in a number")}
        </Button>
      </div>
      <Languages store={store} />
    </main>
  );
}

function Barcode() {
  let x = 0;
  const bars = BARS.map((width, index) => {
    const at = x;
    x += width + (index % 3 === 1 ? 2 : 1);
    return <rect key={index} x={at} y="0" width={width} height="40" />;
  });
  return (
    <div class="barcode" aria-hidden="true">
      <svg viewBox={`0 0 ${x - 1} 40`} preserveAspectRatio="none">
        {bars}
      </svg>
      <i class="beam" />
    </div>
  );
}
