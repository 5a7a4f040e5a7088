import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import type { Store } from "../wire/types";
import { type Need, ask, has } from "./comfort";
import { Languages } from "./Header";
import { isSoundOn, switchSound } from "./sound";
import { say } from "./voice";

// Half of a screen is too little to work with unless it is as tall as a kiosk.
const isTall = matchMedia("(orientation: portrait) and (min-height: 1200px)");
const CUSTOMERS: ReadonlySet<string> = new Set(["lane"]);

/** Language, sight and sound: what one customer needs. It is forgotten when the next one comes. */
export function Options({ store, onClose }: { store: Store; onClose: () => void }) {
  const isCustomers = CUSTOMERS.has(document.documentElement.dataset["screen"] ?? "");
  return (
    <Sheet title={isCustomers ? t("Language, sight and sound") : t("Language and sound")} onClose={onClose} isOver>
      <Languages store={store} onPicked={onClose} />
      <div class="needs">
        <Switch label={t("Sounds")} isOn={isSoundOn.value} onSwitch={switchSound} />
        {isCustomers && (
          <>
            <NeedSwitch need="contrast" label={t("High contrast")} />
            <NeedSwitch need="large" label={t("Larger text")} />
            {isTall.matches && <NeedSwitch need="low" label={t("Everything within low reach")} />}
            {"speechSynthesis" in globalThis && <NeedSwitch need="spoken" label={t("Read aloud")} />}
            <NeedSwitch need="slow" label={t("More time")} />
          </>
        )}
      </div>
    </Sheet>
  );
}

function NeedSwitch({ need, label }: { need: Need; label: string }) {
  function onSwitch(isOn: boolean) {
    ask(need, isOn);
    say(label);
  }
  return <Switch label={label} isOn={has(need)} onSwitch={onSwitch} />;
}

function Switch({ label, isOn, onSwitch }: { label: string; isOn: boolean; onSwitch: (isOn: boolean) => void }) {
  return (
    <button type="button" class="switch" role="switch" aria-checked={isOn} onClick={() => onSwitch(!isOn)}>
      {label}
    </button>
  );
}
