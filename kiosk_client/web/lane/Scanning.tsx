import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { t, tn } from "../i18n/i18n";
import type { Basket, LaneScreen, Line as BasketLine } from "../wire/types";
import { changeQuantity, isOnline, layer, link, pay, picked, voidLine } from "./model";

/** The basket: the line touched last is large, the rest calm below it; total and the way on never leave. */
export function Scanning({ state }: { state: LaneScreen }) {
  const { basket } = state;
  const large = largeLine(basket);
  const rest = [...(basket?.lines ?? [])].reverse().filter((line) => line.line_id !== large?.line_id);
  return (
    <main class="scanning">
      <section class="lines" aria-label={t("Your items")}>
        <ul>
          <PendingLines basket={basket} />
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
        </ul>
        {!basket?.lines.length && link.outbox.waiting.value.length === 0 && <Empty />}
      </section>
      <aside class="checkout">
        <nav class="tools" aria-label={t("Add an item")}>
          <Button icon="search" onPress={() => void (layer.value = "search")}>
            {t("Search")}
          </Button>
          <Button icon="keypad" onPress={() => void (layer.value = "keypad")}>
            {t("Key in a number")}
          </Button>
          <Button icon="exit" onPress={() => void (layer.value = "start_over")} isDisabled={!basket || !isOnline.value}>
            {t("Start over")}
          </Button>
        </nav>
        <div class="total">
          <span>{tn("{n} item", "{n} items", basket?.totals.items ?? 0)}</span>
          <strong aria-live="polite">
            <span class="sr">{t("Total")}</span> <Money cents={basket?.totals.total_cents ?? 0} />
          </strong>
        </div>
        <Button look="filled large pay" onPress={pay} isDisabled={!basket?.totals.items || !isOnline.value}>
          {t("Pay")} <Money cents={basket?.totals.due_cents ?? 0} />
        </Button>
        {!isOnline.value && <p class="why">{t("Paying waits until the connection is back.")}</p>}
      </aside>
    </main>
  );
}

function largeLine(basket: Basket | null): BasketLine | undefined {
  const lines = (basket?.lines ?? []).filter((line) => !line.is_voided);
  return lines.find((line) => line.line_id === picked.value) ?? lines.at(-1);
}

/** Scanned and not confirmed yet: drawn in the frame of the scan, without a price nobody has given. */
function PendingLines({ basket }: { basket: Basket | null }) {
  const pending = link.outbox.waiting.value.flatMap(({ order }) => {
    if (order.name === "scan_item") return [{ key: order.key, code: order.data.code }];
    if (order.name === "add_item") return [{ key: order.key, code: order.data.item_id }];
    return [];
  });
  return (
    <>
      {pending.reverse().map(({ key, code }) => {
        const known = basket?.lines.find((line) => line.code === code || line.item_id === code);
        return (
          <li key={key}>
            <div class="line pending" aria-busy="true">
              <span class="quantity">
                <Icon name="scan" />
              </span>
              <span class="name">
                {known?.name ?? code.slice(0, 24)}
                <small>{isOnline.value ? t("Looking it up") : t("Waiting for the connection")}</small>
              </span>
            </div>
          </li>
        );
      })}
    </>
  );
}

function LargeLine({ line }: { line: BasketLine }) {
  return (
    <Line line={line} look="large">
      <span class="stepper">
        <Button
          icon="minus"
          label={t("One less of {name}", { name: line.name })}
          onPress={() => changeQuantity(line.line_id, line.quantity - 1)}
          isDisabled={line.quantity <= 1}
        />
        <b class="number" aria-label={t("Quantity")}>
          {line.quantity}
        </b>
        <Button
          icon="plus"
          label={t("One more of {name}", { name: line.name })}
          onPress={() => changeQuantity(line.line_id, line.quantity + 1)}
        />
        <Button icon="trash" label={t("Remove {name}", { name: line.name })} onPress={() => voidLine(line.line_id)}>
          {t("Remove")}
        </Button>
      </span>
    </Line>
  );
}

function CalmLine({ line }: { line: BasketLine }) {
  if (line.is_voided) return <Line line={line} />;
  return (
    <button
      type="button"
      class="calm"
      aria-label={t("Change {name}", { name: line.name })}
      onClick={() => void (picked.value = line.line_id)}
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
