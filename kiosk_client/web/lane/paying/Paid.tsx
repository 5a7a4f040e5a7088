import type { IconName } from "../../design/Icon";
import { Icon } from "../../design/Icon";
import { Money } from "../../design/Money";
import { t } from "../../i18n/i18n";
import type { Payment, TenderKind } from "../../wire/types";

const SHOWN = new Set<Payment["state"]>(["authorised", "captured", "reversing", "reversed"]);
const ICONS: Record<TenderKind, IconName> = { card: "card", cash: "cash", gift: "gift" };

/** What has been paid so far, and what is on its way back. */
export function Paid({ payments }: { payments: readonly Payment[] }) {
  const shown = payments.filter((one) => SHOWN.has(one.state));
  if (shown.length === 0) return null;
  return (
    <ul class="paid">
      {shown.map((one) => (
        <li key={one.payment_id}>
          <Icon name={ICONS[one.kind]} />
          <span>
            {nameOf(one)} <small>{stateOf(one)}</small>
          </span>
          <Money cents={one.amount_cents} />
        </li>
      ))}
    </ul>
  );
}

const SCHEMES: Readonly<Record<string, string>> = {
  amex: "American Express",
  maestro: "Maestro",
  mastercard: "Mastercard",
  visa: "Visa",
};

/** "Visa •••• 1234" */
export function nameOf({ kind, masked, scheme }: Payment): string {
  const names = { card: t("Card"), cash: t("Cash"), gift: t("Gift card") };
  return [SCHEMES[scheme ?? ""] ?? names[kind], masked].filter(Boolean).join(" ");
}

function stateOf({ state }: Payment): string {
  if (state === "reversing") return t("on its way back to you");
  return state === "reversed" ? t("given back") : t("paid");
}
