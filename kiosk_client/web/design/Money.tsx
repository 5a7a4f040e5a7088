import { signal } from "@preact/signals";
import { money } from "../i18n/format";

/** The store's currency, ISO 4217; every page shows one store. */
export const currency = signal("EUR");

export function Money({ cents }: { cents: number }) {
  return <span class="money">{money(cents, currency.value)}</span>;
}
