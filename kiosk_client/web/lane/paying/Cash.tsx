import { tick } from "../../design/Age";
import { Icon } from "../../design/Icon";
import { Money } from "../../design/Money";
import { waited } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import { link } from "../model";
import { WayBack } from "./WayBack";
import type { FaceProps } from "./face";

/** Cash at the attendant: how much, that somebody knows, who comes, and how long it has taken. */
export function CashFace({ state, basket }: FaceProps) {
  const call = state.interventions.find((open) => open.kind === "cash");
  const since = call?.raised_at ?? state.terminal.state_since;
  const waiting = waited(tick.value - Date.now() + link.now() - since);
  return (
    <>
      <Icon name="cash" />
      <h2>{t("Please pay the attendant")}</h2>
      <strong>
        <Money cents={call?.amount_cents ?? basket.totals.due_cents} />
      </strong>
      <p>
        {call?.claimed_by
          ? t("{name} is on the way", { name: call.claimed_by })
          : t("An attendant takes your cash here. They have been told.")}
      </p>
      <p class="waiting" role="timer">
        {t("Waiting for {time}", { time: waiting })}
      </p>
      <WayBack state={state} canChoose />
    </>
  );
}
