import { useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Money, currency } from "../design/Money";
import { minorUnits, money } from "../i18n/format";
import { t } from "../i18n/i18n";
import { ask, isOnline } from "./model";

const NOTES = [5, 10, 20, 50, 100, 200];

/** Cash received: exact unless something else was handed over; what to give back stands on the button. */
export function CashForm({ basket_id, due_cents }: { basket_id: string; due_cents: number }) {
  const [received, setReceived] = useState<number | null>(due_cents);
  const [isOther, setOther] = useState(false);
  const isEnough = received !== null && received >= due_cents;
  const change = isEnough ? received - due_cents : 0;
  return (
    <form
      class="cash"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <div class="chips" role="group" aria-label={t("Cash received")}>
        <Button look="chip" isPressed={!isOther && received === due_cents} onPress={() => choose(due_cents)}>
          {t("Exact")}
        </Button>
        {notesFor(due_cents, minorUnits(currency.value)).map((cents) => (
          <Button key={cents} look="chip" isPressed={!isOther && received === cents} onPress={() => choose(cents)}>
            <Money cents={cents} />
          </Button>
        ))}
        <Button look="chip" isPressed={isOther} onPress={() => setOther(true)}>
          {t("Other")}
        </Button>
      </div>
      {isOther && (
        <input
          class="field number"
          inputMode="decimal"
          autocomplete="off"
          aria-label={t("Amount received")}
          placeholder={t("Amount received")}
          ref={(field) => field?.focus()}
          onInput={(event) => setReceived(parseAmount(event.currentTarget.value, minorUnits(currency.value)))}
        />
      )}
      <p class="change" aria-live="polite">
        {isEnough ? (
          <>
            {t("Give back")} <Money cents={change} />
          </>
        ) : (
          t("{amount} is due.", { amount: money(due_cents, currency.value) })
        )}
      </p>
      <Button
        look="filled"
        icon="check"
        isDisabled={!isEnough || !isOnline.value}
        onPress={() => (received === null ? undefined : ask("confirm_cash", { basket_id, received_cents: received }))}
      >
        {t("Cash received")} {isEnough && <Money cents={received} />}
      </Button>
    </form>
  );

  function choose(cents: number): void {
    setOther(false);
    setReceived(cents);
  }
}

/** The next few sums that people hand over in notes: 14.66 -> 15 and 20. */
function notesFor(due_cents: number, units: number): number[] {
  const rounded = NOTES.map((note) => Math.ceil(due_cents / (note * units)) * note * units);
  return [...new Set(rounded)].filter((cents) => cents > due_cents).slice(0, 2);
}

/** What somebody typed, in minor units: 20, 20.5 and 20,50 are all money; null is not. */
export function parseAmount(text: string, units: number): number | null {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,7}(\.\d*)?$/.test(plain)) return null;
  const cents = Number(plain) * units;
  return Math.abs(cents - Math.round(cents)) < 1e-6 ? Math.round(cents) : null;
}
