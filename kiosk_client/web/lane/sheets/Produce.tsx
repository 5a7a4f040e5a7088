import { useEffect, useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { currency } from "../../design/Money";
import { Sheet } from "../../design/Sheet";
import { money } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { Item, LaneScreen } from "../../wire/types";
import { fetchProduce, produce } from "../goods";
import { add, closeSheet, layer, scaleOf, weighed } from "../model";

/** What has no barcode, by its picture: a category, a touch, and onto the scale if it is sold by weight. */
export function ProduceSheet({ state }: { state: LaneScreen }) {
  const [category, setCategory] = useState("");
  useEffect(() => void fetchProduce(category), [category]);
  const categories = produce.value.get("")?.categories ?? [];
  const found = produce.value.get(category);
  return (
    <Sheet title={t("Fruit and vegetables")} onClose={closeSheet}>
      <div class="categories" role="group" aria-label={t("Categories")}>
        {["", ...categories].map((name) => (
          <Button key={name} isPressed={name === category} onPress={() => setCategory(name)}>
            {name || t("All")}
          </Button>
        ))}
      </div>
      {found ? (
        <ul class="produce" aria-label={category || t("All")}>
          {found.items.map((item) => (
            <li key={item.item_id}>
              <Tile item={item} canWeigh={scaleOf(state) !== null} />
            </li>
          ))}
        </ul>
      ) : (
        <p class="hint">{t("Searching")}</p>
      )}
    </Sheet>
  );
}

function Tile({ item, canWeigh }: { item: Item; canWeigh: boolean }) {
  const { item_id, name, price_cents, price_per_kg_cents, tare_g } = item;
  async function pick(): Promise<void> {
    if (price_per_kg_cents === null || !canWeigh) return add(item_id);
    weighed.value = { item_id, item_name: name, price_per_kg_cents, tare_g };
    layer.value = "weigh";
  }
  return (
    <Button look="picture" onPress={pick}>
      <Picture item={item} />
      <span class="word">{name}</span>
      <span class="money">
        {price_per_kg_cents === null
          ? money(price_cents ?? 0, currency.value)
          : t("{price} a kg", { price: money(price_per_kg_cents, currency.value) })}
      </span>
    </Button>
  );
}

/** The store's picture; where it has none, or it cannot be had, the letter that people look for. */
function Picture({ item }: { item: Item }) {
  const [isBroken, setBroken] = useState(false);
  if (!item.picture || isBroken) {
    return (
      <span class="initial" aria-hidden="true">
        {[...item.name][0]}
      </span>
    );
  }
  return <img src={`/api/v1/pictures/${encodeURIComponent(item.item_id)}`} alt="" loading="lazy" onError={() => setBroken(true)} />;
}
