import { Icon } from "../design/Icon";
import { clock, weekday } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { LaneScreen } from "../wire/types";
import { opensAt } from "./hours";

/** Nobody can begin here: somebody has closed the lane, or the store opens later. */
export function Closed({ state }: { state: LaneScreen }) {
  const isLaneClosed = state.terminal.state === "closed";
  const at = opensAt(state);
  if (!isLaneClosed) {
    return (
      <main class="whole">
        <Icon name="clock" />
        <h1>{t("The store is closed")}</h1>
        <p>{at === null ? "" : t("It opens on {day} at {time}.", { day: weekday(at, state.store.zone), time: clock(at, state.store.zone) })}</p>
      </main>
    );
  }
  return (
    <main class="whole">
      <Icon name="lane" />
      <h1>{t("This lane is closed")}</h1>
      <p>{t("Please use another lane.")}</p>
    </main>
  );
}
