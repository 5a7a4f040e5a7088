import { Money } from "../design/Money";
import { waited } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { InterventionKind, Pushed } from "../wire/types";
import { Looked } from "./parts";
import { Reading, useReading } from "./reads";
import { callWord } from "./words";

interface Help {
  readonly settled: number;
  readonly withdrawn: number;
  readonly open: number;
  readonly median_ms: number;
  readonly kinds: readonly { readonly kind: InterventionKind; readonly count: number; readonly median_ms: number }[];
  readonly refunds: number;
  readonly refunded_cents: number;
}

const EVERY_MS = 60_000;
const EVENTS: ReadonlySet<Pushed["type"]> = new Set(["intervention_resolved", "refund_started", "day_opened"]);
const help = new Reading<Help>("/api/v1/today");

/** How often customers needed somebody today, how long that took, and what came back. */
export function HelpToday() {
  const look = useReading(help, EVERY_MS, EVENTS);
  return (
    <section class="card" aria-label={t("Help and refunds")}>
      <h3>{t("Help and refunds")}</h3>
      <Looked look={look} onAgain={() => help.load()}>
        {(day) => (
          <>
            <dl class="seen-facts">
              <Row name={t("Calls that somebody saw to")}>{day.settled}</Row>
              <Row name={t("Half of them were over within")}>{day.settled > 0 ? waited(day.median_ms) : "–"}</Row>
              <Row name={t("Calls that needed nobody in the end")}>{day.withdrawn}</Row>
              <Row name={t("Refunds")}>{day.refunds}</Row>
              <Row name={t("Given back")}>
                <Money cents={day.refunded_cents} />
              </Row>
            </dl>
            {day.kinds.length > 0 && <Kinds day={day} />}
          </>
        )}
      </Looked>
    </section>
  );
}

function Row({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  );
}

function Kinds({ day }: { day: Help }) {
  return (
    <table class="reasons-table">
      <thead>
        <tr>
          <th scope="col">{t("What for")}</th>
          <th scope="col">{t("How often")}</th>
          <th scope="col">{t("Usual wait")}</th>
        </tr>
      </thead>
      <tbody>
        {day.kinds.map(({ kind, count, median_ms }) => (
          <tr key={kind}>
            <th scope="row">{callWord(kind)}</th>
            <td class="number">{count}</td>
            <td class="number">{waited(median_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
