import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Line } from "../design/Line";
import { Money, currency } from "../design/Money";
import { useOwnTaps } from "../design/taps";
import { money } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { Basket, LaneScreen, Line as BasketLine } from "../wire/types";
import { parts } from "./later";
import { changeQuantity, isOnline, layer, link, picked, voidLine } from "./model";
import { PendingLines } from "./Pending";
import { isBelieving } from "./provisional";

/** The basket: the line touched last is large, the rest calm below it; total and the way on never leave. */
export function Scanning({ state }: { state: LaneScreen }) {
  const { basket } = state;
  const Coupons = parts.module.value?.Coupons;
  const large = largeLine(basket);
  const rest = [...(basket?.lines ?? [])].reverse().filter((line) => line.line_id !== large?.line_id);
  return (
    <main class="scanning">
      <section class="lines" aria-label={t("Your items")}>
        <ul>
          <PendingLines basket={basket} store={state.store} />
          {large && (
            <li key={large.line_id}>
              <LargeLine line={large} />
            </li>
          )}
          {rest.map((line) => (
            <li key={line.line_id}>
              <CalmLine line={line} />
            </li>
          ))}
          {Coupons && basket && <Coupons basket={basket} />}
        </ul>
        {!basket?.lines.length && link.outbox.waiting.value.length === 0 && <Empty />}
      </section>
      <Checkout state={state} />
    </main>
  );
}

/** What is to be paid, and the way there; it waits for the line, for what is not confirmed, and for whoever looks. */
function Checkout({ state }: { state: LaneScreen }) {
  const { basket } = state;
  const pay = parts.module.value?.pay;
  const saved = basket?.totals.saved_cents ?? 0;
  const isHeld = state.interventions.some((open) => open.is_holding_paying);
  const isUnconfirmed = isBelieving(link.outbox.waiting.value);
  return (
    <aside class="checkout">
      <Tools canChange={basket !== null && isOnline.value} />
      <div class="total">
        <span>
          {tn("{n} item", "{n} items", basket?.totals.items ?? 0)}
          {saved > 0 && <em class="offer">{t("You save {price}", { price: money(saved, currency.value) })}</em>}
        </span>
        <strong aria-live="polite">
          <span class="sr">{t("Total")}</span> <Money cents={basket?.totals.total_cents ?? 0} />
        </strong>
      </div>
      <Button
        look="filled large pay"
        onPress={() => pay?.(state)}
        isDisabled={!pay || !basket?.totals.items || !isOnline.value || isHeld || isUnconfirmed}
      >
        {t("Pay")} <Money cents={basket?.totals.due_cents ?? 0} />
      </Button>
      {!isOnline.value && <p class="why">{t("Paying waits until the connection is back.")}</p>}
      {isOnline.value && isUnconfirmed && <p class="why">{t("Paying waits until your items are confirmed.")}</p>}
      {isOnline.value && isHeld && <p class="why">{t("Paying waits until somebody has looked.")}</p>}
    </aside>
  );
}

function Tools({ canChange }: { canChange: boolean }) {
  const hasProduce = (parts.module.value?.produce.value.get("")?.items.length ?? 0) > 0;
  return (
    <nav class="tools" aria-label={t("Add an item")}>
      <Button icon="search" onPress={() => void (layer.value = "search")}>
        {t("Search")}
      </Button>
      {hasProduce && (
        <Button icon="apple" onPress={() => void (layer.value = "produce")}>
          {t("Fruit and vegetables")}
        </Button>
      )}
      <Button icon="keypad" onPress={() => void (layer.value = "keypad")}>
        {t("Key in a number")}
      </Button>
      <Button icon="more" onPress={() => void (layer.value = "more")} isDisabled={!canChange}>
        {t("More")}
      </Button>
    </nav>
  );
}

/** What was weighed, pumped or put on a card is not counted in pieces: a second one is another line. */
function isCounted(line: BasketLine): boolean {
  return !line.weight_g && !line.serial && line.kind !== "fuel" && line.kind !== "gift";
}

export function largeLine(basket: Basket | null): BasketLine | undefined {
  const lines = (basket?.lines ?? []).filter((line) => !line.is_voided);
  return lines.find((line) => line.line_id === picked.value) ?? lines.at(-1);
}

function LargeLine({ line }: { line: BasketLine }) {
  return (
    <Line line={line} look="large">
      {/* The line before it may have been taken out by the first of two taps; the second must not take this one. */}
      <span class="stepper" onClickCapture={useOwnTaps()}>
        {isCounted(line) && <Pieces line={line} />}
        <Button icon="trash" label={t("Remove {name}", { name: line.name })} onPress={() => voidLine(line.line_id)}>
          <span class="word">{t("Remove")}</span>
        </Button>
        <Button icon="question" label={t("About {name}", { name: line.name })} onPress={() => void (layer.value = "of_line")} />
      </span>
    </Line>
  );
}

function Pieces({ line: { line_id, name, quantity } }: { line: BasketLine }) {
  return (
    <>
      <Button
        icon="minus"
        label={t("One less of {name}", { name })}
        onPress={() => changeQuantity(line_id, quantity - 1)}
        isDisabled={quantity <= 1}
      />
      <b class="number" aria-label={t("Quantity")}>
        {quantity}
      </b>
      <Button icon="plus" label={t("One more of {name}", { name })} onPress={() => changeQuantity(line_id, quantity + 1)} />
    </>
  );
}

function CalmLine({ line }: { line: BasketLine }) {
  if (line.is_voided) return <Line line={line} />;
  return (
    <button
      type="button"
      class="calm"
      aria-label={t("Change {name}", { name: line.name })}
      // The rows have moved under the second tap of a double tap.
      onClick={({ detail }) => detail < 2 && (picked.value = line.line_id)}
    >
      <Line line={line} />
    </button>
  );
}

function Empty() {
  return (
    <div class="whole">
      <Icon name="scan" />
      <p>{t("Scan the next item, or search for it.")}</p>
    </div>
  );
}
