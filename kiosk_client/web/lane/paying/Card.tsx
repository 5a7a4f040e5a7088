import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { Money } from "../../design/Money";
import { t } from "../../i18n/i18n";
import { cancelPayment } from "../deeds";
import { isOnline } from "../model";
import { displayText } from "../words";
import { type FaceProps, waitingCard } from "./face";

const TOO_LATE = new Set(["approved", "remove_card"]);

/** What the reader says, in words; it may be stopped until it has said yes. */
export function CardFace({ basket }: FaceProps) {
  const payment = waitingCard(basket);
  if (!payment) return null;
  const { display = "", payment_id, amount_cents } = payment;
  return (
    <>
      <div class={`reader is-${display || "waking"}`} aria-hidden="true">
        <Icon name="card" />
      </div>
      <h2 aria-live="polite">{displayText(payment)}</h2>
      <strong>
        <Money cents={amount_cents} />
      </strong>
      {display === "processing" && <p>{t("Please leave your card where it is until the reader says otherwise.")}</p>}
      <div class="back">
        <Button icon="close" onPress={() => cancelPayment(payment_id)} isDisabled={!isOnline.value || TOO_LATE.has(display)}>
          {t("Stop this payment")}
        </Button>
      </div>
    </>
  );
}
