import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { t } from "../i18n/i18n";
import { isSoundOn, switchSound } from "../shell/sound";
import type { ManagerScreen } from "../wire/types";
import { PairingCalls } from "./Pairing";
import { PrintCalls } from "./PrintCalls";
import { Call } from "./calls/Call";
import { Overtaken } from "./calls/Verdict";
import { pairingsOf, waiting } from "./model";

/** Everybody who waits for a human, longest first, each with what to do. */
export function Inbox({ state }: { state: ManagerScreen }) {
  const calls = waiting(state);
  const waitingCount = calls.length + state.print_jobs.length + pairingsOf(state).length;
  const isOn = isSoundOn.value;
  return (
    <section class="inbox" aria-label={t("Inbox")}>
      <header>
        <h2>{t("Inbox")}</h2>
        <span class="badge number">{waitingCount}</span>
        <Button
          look="plain"
          icon={isOn ? "sound" : "silent"}
          label={t("Sound and vibration")}
          isPressed={isOn}
          onPress={() => switchSound(!isOn)}
        />
      </header>
      <Overtaken />
      {waitingCount === 0 && (
        <div class="whole">
          <Icon name="check" />
          <p>{t("Nobody is waiting.")}</p>
        </div>
      )}
      <ul>
        {calls.map((call) => (
          <li key={call.intervention_id}>
            <Call call={call} state={state} />
          </li>
        ))}
        <PrintCalls state={state} />
        <PairingCalls state={state} />
      </ul>
    </section>
  );
}
