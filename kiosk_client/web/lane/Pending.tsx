import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Money } from "../design/Money";
import { clock } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { Waiting } from "../wire/outbox";
import type { Basket, Store } from "../wire/types";
import { codeOf, pricesAsOf } from "./provisional";
import { isOnline, link } from "./model";

/**
 * Scanned and not confirmed yet: drawn in the frame of the scan. While the line is down it carries what this lane
 * knows of its price, marked as such; that is the only money a browser ever multiplies.
 */
export function PendingLines({ basket, store }: { basket: Basket | null; store: Store }) {
  const pending = link.outbox.waiting.value.filter((entry) => codeOf(entry) !== "");
  return (
    <>
      {!isOnline.value && pending.length > 0 && (
        <li key="provisional">
          <Provisional pending={pending} store={store} />
        </li>
      )}
      {[...pending].reverse().map((entry) => (
        <li key={entry.order.key}>
          <PendingLine entry={entry} basket={basket} />
        </li>
      ))}
    </>
  );
}

function PendingLine({ entry, basket }: { entry: Waiting; basket: Basket | null }) {
  const code = codeOf(entry);
  const known = basket?.lines.find((line) => line.code === code || line.item_id === code);
  const name = entry.guess?.name || known?.name || code;
  const quantity = quantityOf(entry);
  const price_cents = isOnline.value ? null : (entry.guess?.price_cents ?? null);
  return (
    <div class="line pending" aria-busy="true">
      <span class="quantity">{quantity > 1 ? `${quantity} ×` : <Icon name="scan" />}</span>
      <span class="name">
        {name}
        <small>{isOnline.value ? t("Looking it up") : [t("Waiting for the connection"), belief(entry)].filter(Boolean).join(" · ")}</small>
      </span>
      {price_cents !== null && (
        <em class="provisional">
          <Money cents={price_cents * quantity} />
        </em>
      )}
      {!isOnline.value && !entry.isSent && (
        <Button icon="trash" look="plain" label={t("Remove {name}", { name })} onPress={() => link.outbox.drop(entry.order.key)} />
      )}
    </div>
  );
}

function belief({ guess }: Waiting): string {
  if (!guess) return "";
  if (guess.name === "") return t("not known here");
  return guess.price_cents === null ? t("price not known yet") : t("provisional price");
}

/** How much waits, what it comes to as far as we know, and how old that knowledge is. */
function Provisional({ pending, store }: { pending: readonly Waiting[]; store: Store }) {
  const cents = pending.reduce((sum, entry) => sum + (entry.guess?.price_cents ?? 0) * quantityOf(entry), 0);
  return (
    <p class="provisional-sum">
      {tn("{n} item waits for the connection", "{n} items wait for the connection", pending.length)}
      {cents > 0 && (
        <>
          {" · "}
          {t("about")} <Money cents={cents} />
        </>
      )}
      {pricesAsOf.value !== null && <small>{t("Prices as of {time}", { time: clock(pricesAsOf.value, store.zone) })}</small>}
    </p>
  );
}

function quantityOf({ order }: Waiting): number {
  return order.name === "scan_item" || order.name === "add_item" ? (order.data.quantity ?? 1) : 1;
}
