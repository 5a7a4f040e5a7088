import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { Keypad } from "../../design/Keypad";
import { Money, currency } from "../../design/Money";
import { money } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import { type GiftHeld, checkGift, redeemGift } from "../deeds";
import { isOnline, taker } from "../model";
import { WayBack } from "./WayBack";
import { type FaceProps, isChoosing } from "./face";

const DIGITS = 20; // domain/gift.py

/** The number of a gift card, by the scanner or by hand; it pays what it holds, and the rest is chosen again. */
export function GiftFace({ state, basket }: FaceProps) {
  const [digits, setDigits] = useState("");
  const [held, setHeld] = useState<GiftHeld | null>(null);
  const isWhole = digits.length === DIGITS;

  function take(typed: string) {
    setDigits(typed.replace(/\D/g, "").slice(0, DIGITS));
    setHeld(null);
  }
  async function redeem(number: string) {
    if (await redeemGift(number, null)) isChoosing.value = true;
  }
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    taker.value = (code) => {
      take(code);
      void redeem(code.replace(/\D/g, ""));
    };
    return () => void (taker.value = null);
  }, []);

  return (
    <>
      <Icon name="gift" />
      <h2>{t("Scan the gift card, or key in its number")}</h2>
      <p>{t("Due: {price}", { price: money(basket.totals.due_cents, currency.value) })}</p>
      <form class="number-entry" onSubmit={(event) => (event.preventDefault(), isWhole && void redeem(digits))}>
        <label for="gift-number">{t("Number of the gift card, {n} digits", { n: DIGITS })}</label>
        <input
          id="gift-number"
          ref={field}
          class="field number"
          inputMode="none"
          autocomplete="off"
          value={inFours(digits)}
          onInput={(event) => take(event.currentTarget.value)}
        />
        <Keypad value={digits} onChange={take} />
        <p class="hint" role="status">
          {held && (
            <>
              {t("It holds")} <Money cents={held.balance_cents} />
            </>
          )}
        </p>
        <div class="choices">
          <Button isDisabled={!isWhole || !isOnline.value} onPress={async () => setHeld(await checkGift(digits))}>
            {t("What is on it?")}
          </Button>
          <Button look="filled" isDisabled={!isWhole || !isOnline.value} onPress={() => redeem(digits)}>
            {t("Pay with it")}
          </Button>
        </div>
      </form>
      <WayBack state={state} canChoose />
    </>
  );
}

/** As it stands on the card. */
function inFours(digits: string): string {
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}
