import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { t } from "../../i18n/i18n";
import { isOnline } from "../model";
import { reasonText } from "./said";

interface ReasonsProps {
  name: string;
  offered: readonly string[];
  deed: string;
  look?: string;
  onSay: (reason: string) => Promise<unknown>;
  onBack: () => void;
}

/** Why, in one tap: a chip says it and does it. What is not among them is typed. */
export function Reasons({ name, offered, deed, look = "filled", onSay, onBack }: ReasonsProps) {
  const [typed, setTyped] = useState("");
  const reason = typed.trim();
  return (
    <div class="reasons" role="group" aria-label={name}>
      <p>{name}</p>
      <div class="chips">
        {offered.map((one) => (
          <Button key={one} look="chip" isDisabled={!isOnline.value} onPress={() => onSay(one)}>
            {reasonText(one)}
          </Button>
        ))}
      </div>
      <input
        class="field"
        dir="auto"
        autocomplete="off"
        maxLength={200}
        aria-label={t("Another reason")}
        placeholder={t("Another reason")}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <div class="pair">
        <Button onPress={onBack}>{t("Back")}</Button>
        <Button look={look} isDisabled={reason === "" || !isOnline.value} onPress={() => onSay(reason)}>
          {deed}
        </Button>
      </div>
    </div>
  );
}
