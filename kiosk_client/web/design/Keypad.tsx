import { language, t } from "../i18n/i18n";
import { Button } from "./Button";

interface KeysProps {
  value: string;
  onChange: (value: string) => void;
}

/** Digits to touch: for codes, quantities and money. */
export function Keypad({ value, onChange, extra }: KeysProps & { extra?: string }) {
  return (
    <div class="keys pad" dir="ltr">
      {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((key) => (
        <Button key={key} onPress={() => onChange(value + key)}>
          {key}
        </Button>
      ))}
      {extra ? <Button onPress={() => onChange(value + extra)}>{extra}</Button> : <span />}
      <Button onPress={() => onChange(value + "0")}>0</Button>
      <Button icon="back" label={t("Delete the last character")} onPress={() => onChange(value.slice(0, -1))} />
    </div>
  );
}

const ROWS: Record<string, readonly string[]> = {
  en: ["qwertyuiop", "asdfghjkl", "zxcvbnm"],
  es: ["qwertyuiop", "asdfghjklñ", "zxcvbnm"],
  fr: ["azertyuiop", "qsdfghjklm", "wxcvbné"],
  de: ["qwertzuiopü", "asdfghjklöä", "yxcvbnm"],
  ar: ["ضصثقفغعهخحج", "شسيبلاتنمكط", "ئءؤرىةوزظد"],
};

/** Letters to touch, in the order of the customer's language: a kiosk has no keyboard. */
export function Keyboard({ value, onChange }: KeysProps) {
  const rows = ROWS[language.value] ?? ROWS["en"]!;
  return (
    <div class="keys board" role="group" aria-label={t("Keyboard")}>
      {rows.map((row, index) => (
        <div class="row" key={row}>
          {[...row].map((key) => (
            <Button key={key} onPress={() => onChange(value + key)}>
              {key}
            </Button>
          ))}
          {index === rows.length - 1 && (
            <Button icon="back" label={t("Delete the last character")} onPress={() => onChange(value.slice(0, -1))} />
          )}
        </div>
      ))}
      <div class="row">
        <Button look="wide" onPress={() => onChange(`${value} `)}>
          {t("Space")}
        </Button>
      </div>
    </div>
  );
}
