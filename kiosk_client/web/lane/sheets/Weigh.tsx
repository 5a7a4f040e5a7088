import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Money, currency } from "../../design/Money";
import { Sheet } from "../../design/Sheet";
import { kilograms, money } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { LaneScreen, Reading } from "../../wire/types";
import { weigh } from "../deeds";
import { layOn } from "../goods";
import { closeSheet, isOnline, scaleOf, scalesOf, weighed } from "../model";

/** One item on the scale: what it weighs now, what a kilogram costs, and the touch that takes it. */
export function WeighSheet({ state }: { state: LaneScreen }) {
  const [container, setContainer] = useState<string | null>(null);
  const item = weighed.value;
  const scale = scaleOf(state);
  if (!item) return null;
  const isReady = scale?.condition === "stable" && scale.weight_g > 0;
  const net_g = isReady ? Math.max(0, scale.weight_g - item.tare_g - (state.containers[container ?? ""] ?? 0)) : 0;
  return (
    <Sheet title={item.item_name} onClose={closeSheet}>
      <div class="weighing">
        <output class={`weight ${isReady ? "ready" : ""}`} aria-live="off" dir="ltr">
          <b class="number">{scale && scale.condition !== "unplugged" ? kilograms(Math.max(0, scale.weight_g)) : "–"}</b> kg
        </output>
        <p>{t("{price} a kg", { price: money(item.price_per_kg_cents, currency.value) })}</p>
        <p class="worth">
          {net_g > 0 ? (
            <>
              {t("You pay")} <Money cents={Math.round((net_g * item.price_per_kg_cents) / 1000)} />
            </>
          ) : (
            "\u00a0"
          )}
        </p>
        <p class="hint" role="status">
          {scaleText(scale)}
        </p>
        <Containers names={Object.keys(state.containers)} chosen={container} onChoose={setContainer} />
        <Button look="filled large" isDisabled={!isReady || !isOnline.value} onPress={() => weigh(item.item_id, container)}>
          {t("Add the item")}
        </Button>
        {scalesOf(state).can_lay && <VirtualPlate lane={state.terminal.name} />}
      </div>
    </Sheet>
  );
}

const HANDFUL_G = 150;
const BAGFUL_G = 820;

/** A demo store has no plate: this is the hand that lays something on it. */
function VirtualPlate({ lane }: { lane: string }) {
  return (
    <div class="containers" role="group" aria-label={t("Virtual scale")}>
      <span class="hint">{t("Virtual scale")}</span>
      {[HANDFUL_G, BAGFUL_G].map((put_g) => (
        <Button key={put_g} onPress={() => layOn(lane, { put_g })}>
          <span dir="ltr">+ {kilograms(put_g)} kg</span>
        </Button>
      ))}
      <Button onPress={() => layOn(lane, { zero: true })}>{t("Empty it")}</Button>
    </div>
  );
}

interface ContainersProps {
  names: readonly string[];
  chosen: string | null;
  onChoose: (name: string | null) => void;
}

/** What it lies in weighs nothing that is paid for. */
function Containers({ names, chosen, onChoose }: ContainersProps) {
  if (names.length === 0) return null;
  return (
    <div class="containers" role="group" aria-label={t("What does it lie in?")}>
      <Button isPressed={chosen === null} onPress={() => onChoose(null)}>
        {t("In nothing")}
      </Button>
      {names.map((name) => (
        <Button key={name} isPressed={chosen === name} onPress={() => onChoose(name)}>
          {name}
        </Button>
      ))}
    </div>
  );
}

/** What the scale wants, in words. */
function scaleText(scale: Reading | null): string {
  switch (scale?.condition) {
    case "stable":
      return scale.weight_g > 0 ? t("Ready") : t("Put it on the scale");
    case "zero":
      return t("Put it on the scale");
    case "unstable":
      return t("Please let it come to rest");
    case "overload":
      return t("That is more than the scale can carry. Please take some off.");
    case "negative":
      return t("The scale is not at zero. Please take everything off it.");
    default:
      return t("The scale does not answer. Please call for help.");
  }
}
