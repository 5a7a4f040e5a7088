import { Icon } from "../../design/Icon";
import { Money } from "../../design/Money";
import { t } from "../../i18n/i18n";
import { Coming } from "../Messages";
import type { FaceProps } from "./face";

/** Nobody knows whether money was taken. Nothing can be pressed here: a second try could take it twice. */
export function UnknownFace({ state, basket }: FaceProps) {
  const payment = basket.payments.find((one) => one.state === "unknown");
  const call = state.interventions.find((one) => one.kind === "payment");
  return (
    <>
      <Icon name="clock" />
      <h2 aria-live="polite">{t("We do not know yet whether your card was charged")}</h2>
      <strong>
        <Money cents={payment?.amount_cents ?? 0} />
      </strong>
      <p>{t("The bank is being asked, and you need do nothing. Please do not pay again and stay here for a moment.")}</p>
      {call && <Coming one={call} />}
    </>
  );
}
