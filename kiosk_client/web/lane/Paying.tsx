import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { waited } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { LaneScreen } from "../wire/types";
import { isOnline, leaveTender, link } from "./model";

/** Cash at the attendant: how much, that somebody knows, how long it has taken, and the one way back. */
export function Paying({ state }: { state: LaneScreen }) {
  const { basket } = state;
  const call = state.interventions.find((open) => open.kind === "cash");
  const since = call?.raised_at ?? state.terminal.state_since;
  const waiting = waited(tick.value - Date.now() + link.now() - since);
  return (
    <main class="paying">
      <section class="due">
        <Icon name="cash" />
        <h2>{t("Please pay the attendant")}</h2>
        <strong>
          <Money cents={basket?.totals.due_cents ?? 0} />
        </strong>
        <p>{t("An attendant takes your cash here. They have been told.")}</p>
        <p class="waiting" role="timer">
          {t("Waiting for {time}", { time: waiting })}
        </p>
        <Button icon="back" onPress={leaveTender} isDisabled={!isOnline.value}>
          {t("Back to scanning")}
        </Button>
      </section>
      <section class="summary" aria-label={t("Your items")}>
        <h3>{tn("{n} item", "{n} items", basket?.totals.items ?? 0)}</h3>
        <ul tabIndex={0}>
          {basket?.lines
            .filter((line) => !line.is_voided)
            .map((line) => (
              <li key={line.line_id}>
                <Line line={line} />
              </li>
            ))}
        </ul>
      </section>
    </main>
  );
}
