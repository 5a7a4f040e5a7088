import { useEffect, useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Keyboard } from "../../design/Keypad";
import { Money, currency } from "../../design/Money";
import { Sheet } from "../../design/Sheet";
import { money } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import { type Found, findItems } from "../../wire/items";
import type { Item } from "../../wire/types";
import { add, closeSheet } from "../model";

// A kiosk has no keyboard and room for ours; a phone has its own, and ours would be too small for fingers.
const hasRoom = !matchMedia("(max-width: 30rem)").matches;

/** Search as you type; a hit goes into the basket with one touch. */
export function SearchSheet() {
  const [text, setText] = useState("");
  const found = useFound(text);
  return (
    <Sheet title={t("Search for an item")} onClose={closeSheet}>
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
            isDisabled={!isForSale(item)}
            onPress={() => add(item.item_id)}
          >
            <span>{item.name}</span>
            <Price item={item} />
          </Button>
        </li>
      ))}
    </ul>
  );
}

function isForSale({ price_cents, price_per_kg_cents, is_withdrawn }: Item): boolean {
  return !is_withdrawn && (price_cents !== null || price_per_kg_cents !== null);
}

function Price({ item }: { item: Item }) {
  if (!isForSale(item)) return <em>{t("Not for sale")}</em>;
  if (item.price_per_kg_cents === null) return <Money cents={item.price_cents ?? 0} />;
  return <span class="money">{t("{price} a kg", { price: money(item.price_per_kg_cents, currency.value) })}</span>;
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
