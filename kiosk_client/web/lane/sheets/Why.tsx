import { useEffect, useState } from "preact/hooks";
import { Line } from "../../design/Line";
import { Money, currency } from "../../design/Money";
import { Sheet } from "../../design/Sheet";
import { kilograms, litres, mills, money } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { LaneScreen, Rule, Step } from "../../wire/types";
import { largeLine } from "../Scanning";
import { fetchWhy } from "../goods";
import { closeSheet } from "../model";

/** A line's price, rule by rule, as the journal has it. */
export function WhySheet({ state }: { state: LaneScreen }) {
  const line = largeLine(state.basket);
  const basketId = state.basket?.basket_id;
  const [steps, setSteps] = useState<readonly Step[] | null>(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    if (!basketId || !line) return;
    void fetchWhy(basketId, line.line_id).then((found) => (found ? setSteps(found.steps) : setFailed(true)));
  }, [basketId, line?.line_id, line?.total_cents]);
  if (!line) return null;
  return (
    <Sheet title={t("Why this price?")} onClose={closeSheet}>
      <Line line={line} />
      {steps === null ? (
        <p class="hint" role="status">
          {hasFailed ? t("That cannot be told at the moment. Please call for help.") : t("Just a moment")}
        </p>
      ) : (
        <dl class="steps">
          {steps.map((step, index) => (
            <div key={index}>
              <dt>{RULES[step.rule](step)}</dt>
              <dd>
                <Money cents={step.amount_cents} />
              </dd>
            </div>
          ))}
          <div class="main">
            <dt>{t("You pay")}</dt>
            <dd>
              <Money cents={line.is_voided ? 0 : line.total_cents} />
            </dd>
          </div>
        </dl>
      )}
    </Sheet>
  );
}

const RULES: Readonly<Record<Rule, (step: Step) => string>> = {
  price: (step) => pieces(step),
  weight: ({ weight_g, price_per_kg_cents }) =>
    t("{weight} kg at {price} a kg", { weight: kilograms(weight_g ?? 0), price: cents(price_per_kg_cents) }),
  fuel: ({ volume_ml, unit_price_mills }) =>
    t("{litres} l at {price} a litre", { litres: litres(volume_ml ?? 0), price: mills(unit_price_mills ?? 0) }),
  label: () => t("The price on the label"),
  override: ({ by }) => t("Changed by {name}", { name: by ?? "" }),
  choice: ({ name }) => name ?? "",
  at_least_free: () => t("It cannot cost less than nothing"),
  promotion: ({ name }) => t("Offer: {name}", { name: name ?? "" }),
  deposit: () => t("Deposit, paid back for the empty bottle or can"),
  void: () => t("Removed"),
};

function pieces({ quantity, unit_price_cents }: Step): string {
  return t("{n} × {price}", { n: quantity ?? 1, price: cents(unit_price_cents) });
}

function cents(value: number | undefined): string {
  return money(value ?? 0, currency.value);
}
