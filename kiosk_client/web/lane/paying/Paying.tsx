import type { ComponentType } from "preact";
import { Line } from "../../design/Line";
import { t, tn } from "../../i18n/i18n";
import type { Basket, LaneScreen } from "../../wire/types";
import { CardFace } from "./Card";
import { CashFace } from "./Cash";
import { ChooseFace } from "./Choose";
import { GiftFace } from "./Gift";
import { Paid } from "./Paid";
import { UnknownFace } from "./Unknown";
import { type FaceProps, isChoosing, waitingCard } from "./face";

/** From the basket to the receipt: what is due, what pays it, and the one way back. */
export function Paying({ state }: { state: LaneScreen }) {
  const { basket } = state;
  if (!basket) return null;
  const Face = faceOf(state, basket);
  return (
    <main class="paying">
      <section class="due">
        <Face state={state} basket={basket} />
        {Face !== ChooseFace && <Paid payments={basket.payments} />}
      </section>
      <section class="summary" aria-label={t("Your items")}>
        <h3>{tn("{n} item", "{n} items", basket.totals.items)}</h3>
        <ul tabIndex={0}>
          {basket.lines
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

/** What the server waits for decides, not what was pressed here: so it is right after a reload, too. */
function faceOf({ interventions }: LaneScreen, basket: Basket): ComponentType<FaceProps> {
  if (basket.payments.some((one) => one.state === "unknown")) return UnknownFace;
  if (waitingCard(basket)) return CardFace;
  if (isChoosing.value) return ChooseFace;
  if (interventions.some((one) => one.kind === "cash")) return CashFace;
  return basket.tender === "gift" ? GiftFace : ChooseFace;
}
