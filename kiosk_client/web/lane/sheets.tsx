import { useEffect, useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Keyboard, Keypad } from "../design/Keypad";
import { Money } from "../design/Money";
import { Sheet } from "../design/Sheet";
import { t, tn } from "../i18n/i18n";
import { type Found, findItems } from "../wire/items";
import { add, layer, scan, startOver } from "./model";

// A kiosk has no keyboard and room for ours; a phone has its own, and ours would be too small for fingers.
const hasRoom = !matchMedia("(max-width: 30rem)").matches;
const close = () => void (layer.value = null);

/** Search as you type; a hit goes into the basket with one touch. */
export function SearchSheet() {
  const [text, setText] = useState("");
  const found = useFound(text);
  return (
    <Sheet title={t("Search for an item")} onClose={close}>
      <input
        class="field"
        type="text"
        inputMode={hasRoom ? "none" : "search"}
        value={text}
        placeholder={t("Name of the item")}
        aria-label={t("Name of the item")}
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="hits" aria-live="polite">
        <Hits found={found} text={text} />
      </div>
      {hasRoom && <Keyboard value={text} onChange={setText} />}
    </Sheet>
  );
}

function Hits({ found, text }: { found: Found; text: string }) {
  if (text.trim() === "") return <p class="hint">{t("Type the first letters of what you are looking for.")}</p>;
  if (found.state === "looking") return <p class="hint">{t("Searching")}</p>;
  if (found.state === "failed") return <p class="hint">{t("The search does not answer. Please try again, or scan the item.")}</p>;
  if (found.items.length === 0) return <p class="hint">{t("Nothing found. Try fewer letters, or call for help.")}</p>;
  return (
    <ul>
      {found.items.map((item) => (
        <li key={item.item_id}>
          <Button
            look="hit"
            isDisabled={item.price_cents === null}
            onPress={() => add(item.item_id).then(close)}
          >
            <span>{item.name}</span>
            {item.price_cents === null ? <em>{t("Not for sale")}</em> : <Money cents={item.price_cents} />}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function useFound(text: string): Found {
  const [found, setFound] = useState<Found>({ state: "found", items: [] });
  useEffect(() => {
    if (text.trim() === "") return;
    const stop = new AbortController();
    const late = setTimeout(() => setFound({ state: "looking" }), 250);
    void findItems(text.trim(), stop.signal).then((answer) => {
      clearTimeout(late);
      if (answer) setFound(answer);
    });
    return () => {
      clearTimeout(late);
      stop.abort();
    };
  }, [text]);
  return found;
}

/** For what has a number and no barcode, and for barcodes that will not scan. */
export function KeypadSheet() {
  const [digits, setDigits] = useState("");
  return (
    <Sheet title={t("Key in a number")} onClose={close}>
      <form
        class="number-entry"
        onSubmit={(event) => {
          event.preventDefault();
          if (digits) void scan(digits);
        }}
      >
        <label for="keyed-number">{t("Number on the label or barcode")}</label>
        <input
          id="keyed-number"
          class="field number"
          inputMode="none"
          value={digits}
          autocomplete="off"
          onInput={(event) => setDigits(event.currentTarget.value.replace(/\D/g, ""))}
        />
        <Keypad value={digits} onChange={setDigits} />
        <Button look="filled large" isDisabled={digits === ""} onPress={() => scan(digits)}>
          {t("Add the item")}
        </Button>
      </form>
    </Sheet>
  );
}

export function StartOverSheet({ items }: { items: number }) {
  return (
    <Sheet title={t("Start over?")} onClose={close}>
      <p class="question">{tn("{n} item will be taken out of your basket.", "All {n} items will be taken out of your basket.", items)}</p>
      <div class="choices">
        <Button look="large" onPress={close}>
          {t("Keep my items")}
        </Button>
        <Button look="large danger" icon="trash" onPress={startOver}>
          {t("Start over")}
        </Button>
      </div>
    </Sheet>
  );
}
