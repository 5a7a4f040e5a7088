import { Money } from "../design/Money";
import { dayName } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { Takings } from "../wire/types";
import { HelpToday } from "./HelpToday";
import { HourChart } from "./HourChart";
import { kindWord, tenderWord } from "./words";

/** What the business day has brought so far, by hour and by what was sold. */
export function Today({ takings }: { takings: Takings }) {
  const kinds = Object.entries(takings.by_kind_cents).sort((one, other) => other[1] - one[1]);
  const most = Math.max(1, ...kinds.map(([, cents]) => cents));
  const tenders = Object.entries(takings.by_tender_cents).sort((one, other) => other[1] - one[1]);
  const average = takings.receipts > 0 ? Math.round(takings.total_cents / takings.receipts) : 0;
  return (
    <div class="today">
      <h2>{takings.day ? dayName(takings.day) : t("Today")}</h2>
      <dl class="sums">
        <div>
          <dt>{t("Takings")}</dt>
          <dd>
            <Money cents={takings.total_cents} />
          </dd>
        </div>
        <div>
          <dt>{t("Receipts")}</dt>
          <dd class="number">{takings.receipts}</dd>
        </div>
        <div>
          <dt>{t("Average receipt")}</dt>
          <dd>
            <Money cents={average} />
          </dd>
        </div>
      </dl>
      {takings.receipts === 0 ? (
        <p class="note">{t("Nothing was sold yet today. The first receipt appears here at once.")}</p>
      ) : (
        <>
          <section class="card">
            <h3>{t("Takings by hour")}</h3>
            <HourChart values={takings.by_hour_cents} />
          </section>
          {tenders.length > 0 && (
            <section class="card" aria-label={t("How it was paid")}>
              <h3>{t("How it was paid")}</h3>
              <dl class="seen-facts">
                {tenders.map(([kind, cents]) => (
                  <div key={kind}>
                    <dt>{tenderWord(kind)}</dt>
                    <dd>
                      <Money cents={cents} />
                    </dd>
                  </div>
                ))}
                {takings.rounding_cents !== 0 && (
                  <div>
                    <dt>{t("Of it by rounding cash")}</dt>
                    <dd>
                      <Money cents={takings.rounding_cents} />
                    </dd>
                  </div>
                )}
              </dl>
            </section>
          )}
          <section class="card">
            <h3>{t("What was sold")}</h3>
            <ul class="kinds">
              {kinds.map(([kind, cents]) => (
                <li key={kind}>
                  <span>{kindWord(kind)}</span>
                  <meter max={most} value={cents} aria-label={kindWord(kind)} />
                  <Money cents={cents} />
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
      <HelpToday />
    </div>
  );
}
