import { tick } from "../design/Age";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { sheetNotice } from "../design/Sheet";
import { waited } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import { patient } from "../shell/comfort";
import type { Intervention, LaneScreen } from "../wire/types";
import { Idle } from "./Idle";
import { TroubleBanner } from "./TroubleBanner";
import { parked, takeUp } from "./deeds";
import { link, trouble } from "./model";
import { type Told, isInSheet, lookedAfter, news } from "./news";
import { baggingText, toldOf } from "./words";

// More banners leave no room for the basket; on a phone there is room for one.
const AT_ONCE = matchMedia("(max-width: 30rem)").matches ? 1 : 2;
const OFFERED_MS = 120_000;

/** What went wrong, and what is looked after by somebody while the customer goes on. */
export function Messages({ state }: { state: LaneScreen }) {
  const { state: name } = state.terminal;
  return (
    <>
      {!isInSheet(trouble.value) && <TroubleBanner />}
      <Notices state={state} />
      {name !== "held" && <BaggingHint state={state} />}
      {name === "attract" && <Parked />}
      <Idle state={state} />
    </>
  );
}

sheetNotice.value = (sheet) => {
  const [state, told] = [link.state.value, news.value];
  return state && sheet && told?.sheet === sheet && <News what={told.what} state={state} />;
};

/** The one thing that an open sheet tells. */
function News({ what, state }: { what: Told; state: LaneScreen }) {
  if (typeof what !== "string") return <TroubleBanner />;
  const one = lookedAfter(state).find(({ intervention_id }) => intervention_id === what);
  return one ? <Notice one={one} /> : null;
}

/** What stops the lane fills the screen instead (Held.tsx). */
function Notices({ state }: { state: LaneScreen }) {
  const isHeld = state.terminal.state === "held";
  const open = lookedAfter(state).filter((one) => !isInSheet(one.intervention_id) && !(isHeld && one.is_holding_scanning));
  const hidden = open.length - AT_ONCE;
  return (
    <>
      {open.slice(0, AT_ONCE).map((one) => (
        <Notice key={one.intervention_id} one={one} />
      ))}
      {hidden > 0 && <Banner tone="wait" icon="person" text={tn("{n} more thing is being looked at.", "{n} more things are being looked at.", hidden)} />}
    </>
  );
}

function Notice({ one }: { one: Intervention }) {
  const { what, then } = toldOf(one);
  return (
    <Banner tone="wait" icon="person" text={`${what} ${then}`}>
      <Coming one={one} />
    </Banner>
  );
}

/** Who comes, and for how long it has been waited for, by the server's clock. */
export function Coming({ one }: { one: Intervention }) {
  const time = waited(tick.value - Date.now() + link.now() - one.raised_at);
  return (
    <span class="coming">
      {one.claimed_by ? t("{name} is on the way", { name: one.claimed_by }) : t("Staff have been told")}
      <b class="number" role="timer" aria-label={t("Waiting for {time}", { time })}>
        {time}
      </b>
    </span>
  );
}

/** What the bagging area is short of, or has too much of, before anybody has to come. */
function BaggingHint({ state }: { state: LaneScreen }) {
  const text = baggingText(state);
  return text ? <Banner tone="wait" icon="bag" text={text} /> : null;
}

/** A basket that was put away a moment ago, for whoever comes back. */
function Parked() {
  const what = parked.value;
  if (!what || tick.value - what.at > patient(OFFERED_MS)) return null;
  return (
    <Banner tone="good" icon="basket" text={t("The items of a moment ago are kept.")}>
      <Button onPress={() => takeUp(what.basket_id)}>{t("Go on with them")}</Button>
    </Banner>
  );
}
