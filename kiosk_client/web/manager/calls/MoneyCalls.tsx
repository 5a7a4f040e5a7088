import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Money } from "../../design/Money";
import { t } from "../../i18n/i18n";
import type { Intervention, ManagerScreen } from "../../wire/types";
import { ConfirmSheet } from "../parts";
import { ask, isCashier, isOnline } from "../model";

/** A card that may or may not have been charged: wait for the reader, or call it off for good. */
export function UnknownPayment({ call }: { call: Intervention }) {
  const [isAsking, setAsking] = useState(false);
  const payment_id = call.evidence.code ?? "";
  return (
    <>
      <Button look="danger" icon="stop" isDisabled={!isOnline.value} onPress={() => setAsking(true)}>
        {t("Stop this payment")}
      </Button>
      {isAsking && (
        <ConfirmSheet
          title={t("Stop this payment?")}
          text={t("If the card was charged after all, the money goes back to it by itself. The customer can then pay in another way.")}
          deed={t("Stop this payment")}
          onConfirm={(give) => give("cancel_payment", { payment_id })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Money that a card refused to take back: in cash, or on the card once more. */
export function RefusedRefund({ call, state }: { call: Intervention; state: ManagerScreen }) {
  const isOff = !isOnline.value || !isCashier(state);
  const basket_id = call.basket_id ?? "";
  return (
    <>
      <Button look="filled" icon="cash" isDisabled={isOff} onPress={() => ask("settle_refund", { basket_id, tender: "cash" })}>
        {t("Given in cash")} <Money cents={call.amount_cents ?? 0} />
      </Button>
      <Button icon="recall" isDisabled={isOff} onPress={() => ask("settle_refund", { basket_id, tender: "card" })}>
        {t("Try the card once more")}
      </Button>
      {!isCashier(state) && <p class="note">{t("A cashier or a manager decides this. You can go there and tell them.")}</p>}
    </>
  );
}
