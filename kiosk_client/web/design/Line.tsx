import type { ComponentChildren } from "preact";
import { kilograms, litres, mills, money } from "../i18n/format";
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
        {!line.is_voided && line.discounts?.map(({ promotion_id, name, amount_cents }) => (
          <em class="offer" key={promotion_id}>
            <bdi>{name}</bdi> <Money cents={-amount_cents} />
          </em>
        ))}
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
  const weighed =
    line.weight_g && line.price_per_kg_cents
      ? t("{weight} kg at {price} a kg", {
          weight: kilograms(line.weight_g),
          price: money(line.price_per_kg_cents, currency.value),
        })
      : "";
  const choices = (line.modifiers ?? []).map((modifier) => modifier.name).join(", ");
  const each = line.quantity > 1 ? t("{price} each", { price: money(line.unit_price_cents, currency.value) }) : "";
  const deposit = line.deposit_cents ? t("{price} deposit included", { price: money(line.deposit_cents, currency.value) }) : "";
  return [weighed, choices, each, deposit].filter(Boolean).join(" · ");
}
