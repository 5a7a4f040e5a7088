import { useLayoutEffect, useRef } from "preact/hooks";
import { decimal, minorUnits } from "../i18n/format";
import { Keypad } from "./Keypad";
import { currency } from "./Money";

interface MoneyFieldProps {
  id: string;
  label: string;
  cents: number;
  onChange: (cents: number) => void;
}

const MOST_DIGITS = 7;

/** An amount, keyed like on a till: each digit moves the others up. By the pad, or by a keyboard. */
export function MoneyField({ id, label, cents, onChange }: MoneyFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const digits = cents === 0 ? "" : String(cents);
  const take = (typed: string) => onChange(Number(typed.replace(/\D/g, "").slice(-MOST_DIGITS)));
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={field}
        class="field number"
        inputMode="none"
        autocomplete="off"
        value={shown(cents)}
        onFocus={toEnd}
        onClick={toEnd}
        onInput={(event) => {
          take(event.currentTarget.value);
          // What was no digit changes no amount, and is not to be seen either.
          event.currentTarget.value = shown(Number(event.currentTarget.value.replace(/\D/g, "").slice(-MOST_DIGITS)));
        }}
      />
      <Keypad value={digits} onChange={take} />
    </>
  );
}

/** Digits come in at the end, wherever somebody touched the field. */
function toEnd({ currentTarget: field }: { currentTarget: HTMLInputElement }): void {
  field.setSelectionRange(field.value.length, field.value.length);
}

function shown(cents: number): string {
  const units = minorUnits(currency.value);
  return decimal(cents / units, Math.log10(units));
}
