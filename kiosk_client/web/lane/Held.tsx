import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { t } from "../i18n/i18n";
import type { Intervention, LaneScreen } from "../wire/types";
import { Coming } from "./Messages";
import { Scanning } from "./Scanning";
import { declareBag, skipBagging } from "./deeds";
import { isOnline } from "./model";
import { toldOf } from "./words";

/** Somebody has to look before it goes on: what for, who comes, how long it takes; the basket stays in sight. */
export function Held({ state }: { state: LaneScreen }) {
  const holding = state.interventions.filter((one) => one.is_holding_scanning);
  return (
    <main class="held">
      <section class="stopped" role="alert" aria-label={t("Please wait a moment")}>
        <Icon name="person" />
        <h2>{t("Please wait a moment")}</h2>
        {holding.map((one) => (
          <Reason key={one.intervention_id} one={one} state={state} />
        ))}
      </section>
      <div class="dimmed" inert>
        <Scanning state={state} />
      </div>
    </main>
  );
}

function Reason({ one, state }: { one: Intervention; state: LaneScreen }) {
  const { what, then } = toldOf(one);
  return (
    <div class="reason">
      <p>
        <strong>{what}</strong> {then}
      </p>
      <Coming one={one} />
      {one.kind === "weight_mismatch" && one.evidence.reason !== "skipped" && <OwnWayOut one={one} state={state} />}
    </div>
  );
}

/** What the customer may know better than the scale. */
function OwnWayOut({ one, state }: { one: Intervention; state: LaneScreen }) {
  const { line_id, expected_g, measured_g } = one.evidence;
  const line = state.basket?.lines.find((known) => known.line_id === line_id && !known.is_voided);
  const isTooMuch = (measured_g ?? 0) > (expected_g ?? 0);
  return (
    <div class="ways">
      {isTooMuch && (
        <Button icon="bag" onPress={declareBag} isDisabled={!isOnline.value}>
          {t("That is my own bag")}
        </Button>
      )}
      {!isTooMuch && line && (
        <Button icon="box" onPress={() => skipBagging(line.line_id)} isDisabled={!isOnline.value}>
          {t("{name} is too large to bag", { name: line.name })}
        </Button>
      )}
    </div>
  );
}
