import { Button } from "../../design/Button";
import { Light, type Tone } from "../../design/Light";
import { Money } from "../../design/Money";
import { t } from "../../i18n/i18n";
import type { Payment } from "../../wire/types";
import { reasonText } from "../calls/said";
import { isOnline } from "../model";
import { useOrders } from "../parts";
import { tenderWord } from "../words";
import { type Refunded, type RefundOffer, refusedPart } from "./refunds";

/** Refunds of a receipt that were made, or are under way at a card. */
export function MadeRefunds({ offer }: { offer: RefundOffer }) {
  if (offer.refunds.length === 0) return null;
  return (
    <section class="made" aria-label={t("Given back before")}>
      <h4>{t("Given back before")}</h4>
      <ul class="rows">
        {offer.refunds.map((refund) => (
          <li key={refund.basket_id}>
            <Made refund={refund} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Made({ refund }: { refund: Refunded }) {
  const { give, shown } = useOrders();
  const owed = refusedPart(refund);
  const { basket_id } = refund;
  return (
    <div class="made-one">
      <p>
        <b>
          <Money cents={-refund.total_cents} />
        </b>
        {refund.receipt_number !== null && <span>{t("Receipt {number}", { number: refund.receipt_number })}</span>}
        <span>{reasonText(refund.reason)}</span>
        <span>{refund.by}</span>
      </p>
      <ul class="parts">
        {refund.payments.map((part) => (
          <li key={part.payment_id}>
            <span>
              {tenderWord(part.kind)} <span dir="ltr">{part.masked}</span>
            </span>
            <Money cents={-part.amount_cents} />
            <Light {...stateOfPart(part)} />
          </li>
        ))}
      </ul>
      {shown}
      {owed && (
        <div class="pair">
          <Button icon="recall" isDisabled={!isOnline.value} onPress={() => give("settle_refund", { basket_id, tender: "card" })}>
            {t("Try the card once more")}
          </Button>
          <Button look="filled" icon="cash" isDisabled={!isOnline.value} onPress={() => give("settle_refund", { basket_id, tender: "cash" })}>
            {t("Given in cash")} <Money cents={-owed.amount_cents} />
          </Button>
        </div>
      )}
    </div>
  );
}

function stateOfPart(part: Payment): { tone: Tone; word: string } {
  switch (part.state) {
    case "authorised":
    case "captured":
      return { tone: "good", word: t("given back") };
    case "asked":
    case "authorising":
      return { tone: "wait", word: t("The card is being asked") };
    case "unknown":
      return { tone: "stop", word: t("Not known yet") };
    default:
      return { tone: "stop", word: t("The card refused") };
  }
}
