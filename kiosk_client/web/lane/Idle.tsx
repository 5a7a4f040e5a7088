import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import { patient } from "../shell/comfort";
import { useSpoken } from "../shell/voice";
import type { LaneScreen } from "../wire/types";
import { finish, park } from "./deeds";
import { isOnline, link } from "./model";

// Nobody has touched the lane for a while: a question with a countdown that any touch ends, and then the basket is put
// away, never thrown away. Whoever waits for help or for an attendant is not hurried.

const QUIET_MS = 60_000;
const COUNTDOWN_MS = 30_000;
const PATIENCE_WITH_HELP = 5;

const touchedAt = signal(Date.now());
// Not the press of a finger: the question would be gone before the click, which then meets what lies below it. Nor the
// focus: the question itself takes it.
for (const kind of ["click", "keydown", "wheel", "touchmove"]) {
  addEventListener(kind, () => void (touchedAt.value = Date.now()), { capture: true, passive: true });
}

/** How long nobody has touched this screen, in ms. */
export function quiet_ms(): number {
  return tick.value - touchedAt.value;
}

export function Idle({ state }: { state: LaneScreen }) {
  const { basket, terminal } = state;
  const isWaiting = terminal.state === "intervention";
  const canLeave = isOnline.value && basket !== null && (terminal.state === "scanning" || isWaiting);
  const quietFor = patient(isWaiting ? PATIENCE_WITH_HELP * QUIET_MS : QUIET_MS);
  const left_s = Math.ceil((quietFor + patient(COUNTDOWN_MS) - quiet_ms()) / 1_000);
  const isOver = canLeave && left_s <= 0;
  useEffect(() => {
    if (isOver) void leave(state);
  }, [isOver]);
  if (!canLeave || quiet_ms() < quietFor || isOver) return null;
  return <Question left_s={left_s} />;
}

/** Another tab's customer, or a driver's word, counts as a touch: the basket changed under our eyes. */
link.state.subscribe(() => void (touchedAt.value = Date.now()));

async function leave(state: LaneScreen): Promise<void> {
  await (state.basket?.totals.items ? park() : finish());
  touchedAt.value = Date.now();
}

function Question({ left_s }: { left_s: number }) {
  const stay = () => void (touchedAt.value = Date.now());
  const title = t("Are you still there?");
  useSpoken(title);
  return (
    <Sheet title={title} onClose={stay} isOver>
      <div class="idle">
        <b class="number" role="timer">
          {left_s}
        </b>
        <p>{t("After that your items are kept, and the lane is free for the next customer.")}</p>
        <div class="choices">
          <Button look="large" onPress={park}>
            {t("Put my items away")}
          </Button>
          <Button look="filled large" onPress={stay}>
            {t("I am still here")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
