import { useEffect } from "preact/hooks";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { dayAndTime, decimal } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { LaneScreen } from "../wire/types";
import { finish } from "./model";

const SHOWN_FOR_MS = 8_000;

/** Thank you, what was bought, paid and given back; gone in eight seconds, or with the next scan. */
export function Thanks({ state }: { state: LaneScreen }) {
  const { receipt } = state;
  useEffect(() => {
    const timer = setTimeout(() => void finish(), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [receipt?.number]);
  if (!receipt) return null;
  return (
    <main class="thanks">
      <div class="said">
        <div class="done">
          <Icon name="check" />
        </div>
        <h2>{t("Thank you")}</h2>
      </div>
      <div class="slip">
        {/* A long receipt scrolls here, by keyboard too. */}
        <ul tabIndex={0}>
          {receipt.lines.map(
            (line) =>
              !line.is_voided && (
                <li key={line.line_id}>
                  <Line line={line} />
                </li>
              ),
          )}
        </ul>
        <dl>
          <div class="main">
            <dt>{t("Paid")}</dt>
            <dd>
              <Money cents={receipt.total_cents} />
            </dd>
          </div>
          <div>
            <dt>{t("Cash received")}</dt>
            <dd>
              <Money cents={receipt.received_cents} />
            </dd>
          </div>
          <div>
            <dt>{t("Change")}</dt>
            <dd>
              <Money cents={receipt.change_cents} />
            </dd>
          </div>
          {receipt.taxes.map((tax) => (
            <div key={tax.tax_class} class="minor">
              <dt>{t("of which {rate} % tax", { rate: decimal(tax.tax_rate_bp / 100, tax.tax_rate_bp % 100 ? 1 : 0) })}</dt>
              <dd>
                <Money cents={tax.tax_cents} />
              </dd>
            </div>
          ))}
          <div class="minor">
            <dt>{t("Receipt {number}", { number: receipt.number })}</dt>
            <dd>{dayAndTime(receipt.paid_at, state.store.zone)}</dd>
          </div>
        </dl>
      </div>
      <Button look="filled large" onPress={finish}>
        {t("Done")}
      </Button>
      <i class="countdown" aria-hidden="true" />
    </main>
  );
}
