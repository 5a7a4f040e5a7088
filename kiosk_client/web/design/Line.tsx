import type { ComponentChildren } from "preact";
import { litres, mills, money } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { Line as BasketLine } from "../wire/types";
import { Money, currency } from "./Money";

interface LineProps {
  line: BasketLine;
  look?: string;
  children?: ComponentChildren;
}

/** One row of a basket or a receipt: what, how often, how much; what was taken back stays, struck through. */
export function Line({ line, look = "", children }: LineProps) {
  return (
    <div class={`line ${look} ${line.is_voided ? "voided" : ""}`}>
      <span class="quantity number" aria-hidden={line.quantity === 1}>
        {line.quantity > 1 ? `${line.quantity} ×` : ""}
      </span>
      <span class="name">
        {line.name}
        <small>{detail(line)}</small>
      </span>
      {line.is_voided ? <s class="money">{money(line.total_cents, currency.value)}</s> : <Money cents={line.total_cents} />}
      {children}
    </div>
  );
}

function detail(line: BasketLine): string {
  if (line.is_voided) return t("Removed");
  if (line.volume_ml && line.unit_price_mills) {
    return t("{litres} l at {price} a litre", { litres: litres(line.volume_ml), price: mills(line.unit_price_mills) });
  }
  const choices = (line.modifiers ?? []).map((modifier) => modifier.name).join(", ");
  const each = line.quantity > 1 ? t("{price} each", { price: money(line.unit_price_cents, currency.value) }) : "";
  return [choices, each].filter(Boolean).join(" · ");
}
