import { Icon, type IconName } from "../design/Icon";
import { Money } from "../design/Money";
import { t } from "../i18n/i18n";
import type { Item } from "../wire/types";
import { category, pick } from "./model";

/** Categories in a rail, their items as tiles: three in a row on a tablet. */
export function Menu({ menu }: { menu: readonly Item[] }) {
  const categories = [...new Set(menu.map((item) => item.category))];
  const shown = category.value !== null && categories.includes(category.value) ? category.value : categories[0];
  if (menu.length === 0) {
    return (
      <section class="whole">
        <Icon name="plate" />
        <p>{t("There is nothing on the menu at the moment. Please call for help.")}</p>
      </section>
    );
  }
  return (
    <>
      <nav class="rail" aria-label={t("Menu")}>
        {categories.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === shown ? "true" : undefined}
            onClick={() => void (category.value = name)}
          >
            <Icon name={pictureOf(name)} />
            {name}
          </button>
        ))}
      </nav>
      <section class="tiles" aria-label={shown ?? t("Menu")} tabIndex={0} key={shown}>
        {menu
          .filter((item) => item.category === shown)
          .map((item) => (
            <MenuTile key={item.item_id} item={item} />
          ))}
      </section>
    </>
  );
}

function MenuTile({ item }: { item: Item }) {
  const isSoldOut = item.price_cents === null;
  return (
    <button type="button" class="tile" aria-disabled={isSoldOut || undefined} onClick={() => !isSoldOut && pick(item)}>
      <span class={`picture tint-${pictureOf(`${item.picture} ${item.name} ${item.category}`)}`}>
        <Icon name={pictureOf(`${item.picture} ${item.name} ${item.category}`)} />
      </span>
      <span class="name">{item.name}</span>
      <span class="price">{item.price_cents === null ? t("Sold out") : <Money cents={item.price_cents} />}</span>
    </button>
  );
}

const PICTURES: readonly (readonly [RegExp, IconName])[] = [
  [/burger(?!s? bun)/i, "burger"],
  [/hot ?dog|frank|sausage/i, "hotdog"],
  [/salad|slaw|vegg|leaf/i, "salad"],
  [/fries|fry|onion rings|wedges|potato|sides/i, "fries"],
  [/coffee|espresso|latte|cappuccino|americano|tea\b/i, "coffee"],
  [/chicken|wing|nugget|tender/i, "chicken"],
  [/shake|ice|sundae|cream|dessert|brownie|pie|cake/i, "icecream"],
  [/drink|cola|lemonade|water|juice|soda|beer/i, "drink"],
];

function pictureOf(words: string): IconName {
  return PICTURES.find(([pattern]) => pattern.test(words))?.[1] ?? "plate";
}
