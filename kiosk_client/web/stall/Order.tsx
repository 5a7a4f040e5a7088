import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { t, tn } from "../i18n/i18n";
import type { StallScreen } from "../wire/types";
import { cancelOrder, changeQuantity, isOnline, pending, placeOrder } from "./model";

/** The order so far, with its total and the one way on. */
export function Order({ state }: { state: StallScreen }) {
  const lines = (state.basket?.lines ?? []).filter((line) => !line.is_voided);
  const totals = state.basket?.totals;
  return (
    <aside class="order" aria-label={t("Your order")}>
      <header>
        <h2>{t("Your order")}</h2>
        <span>{tn("{n} item", "{n} items", totals?.items ?? 0)}</span>
      </header>
      <ul>
        {lines.map((line) => (
          <li key={line.line_id}>
            <Line line={line} />
            <span class="stepper">
              <Button
                icon={line.quantity > 1 ? "minus" : "trash"}
                label={line.quantity > 1 ? t("One less of {name}", { name: line.name }) : t("Remove {name}", { name: line.name })}
                onPress={() => changeQuantity(line.line_id, line.quantity - 1)}
              />
              <b class="number">{line.quantity}</b>
              <Button
                icon="plus"
                label={t("One more of {name}", { name: line.name })}
                onPress={() => changeQuantity(line.line_id, line.quantity + 1)}
              />
            </span>
          </li>
        ))}
        {pending.value.map((entry) => (
          <li key={entry.key} class="pending" aria-busy="true">
            {state.menu.find((item) => item.item_id === entry.item_id)?.name}
          </li>
        ))}
      </ul>
      {lines.length === 0 && pending.value.length === 0 && (
        <div class="whole">
          <Icon name="plate" />
          <p>{t("Touch what you would like.")}</p>
        </div>
      )}
      <footer>
        <div class="total">
          <span>{t("Total")}</span>
          <strong aria-live="polite">
            <Money cents={totals?.total_cents ?? 0} />
          </strong>
        </div>
        <Button look="filled large" onPress={placeOrder} isDisabled={!totals?.items || !isOnline.value}>
          {t("Place order")}
        </Button>
        {!isOnline.value && <p class="why">{t("Ordering waits until the connection is back.")}</p>}
        {state.basket && isOnline.value && (
          <Button look="plain" onPress={cancelOrder}>
            {t("Cancel the order")}
          </Button>
        )}
      </footer>
    </aside>
  );
}
