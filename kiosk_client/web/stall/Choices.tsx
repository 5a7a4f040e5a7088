import { useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Money } from "../design/Money";
import { Sheet } from "../design/Sheet";
import { t, tn } from "../i18n/i18n";
import type { Item, ModifierGroup } from "../wire/types";
import { allergenName } from "./allergens";
import { addChosen, choosing, isOnline } from "./model";

/** The choices of one item, as a sheet over the tiles. What must be chosen is said, and chosen where there is a first. */
export function Choices({ item }: { item: Item }) {
  const [chosen, setChosen] = useState<readonly string[]>(() => defaults(item));
  const [quantity, setQuantity] = useState(1);
  const isComplete = item.modifier_groups.every((group) => countIn(group, chosen) >= group.at_least);
  return (
    <Sheet title={item.name} onClose={() => void (choosing.value = null)}>
      <div class="choices">
        {item.modifier_groups.map((group) => (
          <Group key={group.group_id} group={group} chosen={chosen} onChange={setChosen} />
        ))}
        {item.allergens.length > 0 && (
          <p class="allergens">
            <Icon name="alert" />
            {t("Contains: {allergens}", { allergens: item.allergens.map(allergenName).join(", ") })}
          </p>
        )}
      </div>
      <div class="add">
        <span class="stepper">
          <Button icon="minus" label={t("One less")} onPress={() => setQuantity(quantity - 1)} isDisabled={quantity <= 1} />
          <b class="number" aria-live="polite">
            {quantity}
          </b>
          <Button icon="plus" label={t("One more")} onPress={() => setQuantity(quantity + 1)} isDisabled={quantity >= 99} />
        </span>
        <Button
          look="filled large"
          isDisabled={!isComplete || !isOnline.value}
          onPress={() => addChosen(item, chosen, quantity)}
        >
          {t("Add to order")}
        </Button>
      </div>
    </Sheet>
  );
}

interface GroupProps {
  group: ModifierGroup;
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

function Group({ group, chosen, onChange }: GroupProps) {
  const isSingle = group.at_most === 1;
  const isFull = countIn(group, chosen) >= group.at_most;

  function toggle(id: string) {
    if (chosen.includes(id)) {
      if (!isSingle || group.at_least === 0) onChange(chosen.filter((other) => other !== id));
    } else if (isSingle) {
      const others = new Set(group.modifiers.map((modifier) => modifier.modifier_id));
      onChange([...chosen.filter((other) => !others.has(other)), id]);
    } else if (!isFull) {
      onChange([...chosen, id]);
    }
  }

  return (
    <fieldset>
      <legend>
        {group.name} <small>{rule(group)}</small>
      </legend>
      {group.modifiers.map((modifier) => {
        const isChosen = chosen.includes(modifier.modifier_id);
        return (
          <button
            key={modifier.modifier_id}
            type="button"
            class="choice"
            role={isSingle ? "radio" : "checkbox"}
            aria-checked={isChosen}
            aria-disabled={(!isChosen && isFull && !isSingle) || undefined}
            onClick={() => toggle(modifier.modifier_id)}
          >
            <span>{modifier.name}</span>
            {modifier.price_cents !== 0 && (
              <small>
                {modifier.price_cents > 0 ? "+" : ""}
                <Money cents={modifier.price_cents} />
              </small>
            )}
          </button>
        );
      })}
    </fieldset>
  );
}

function rule(group: ModifierGroup): string {
  if (group.at_least > 0 && group.at_most === 1) return t("Choose one");
  if (group.at_least > 0) return tn("Choose at least {n}", "Choose at least {n}", group.at_least);
  if (group.at_most === 1) return t("If you like");
  return tn("Up to {n}", "Up to {n}", group.at_most);
}

function countIn(group: ModifierGroup, chosen: readonly string[]): number {
  return group.modifiers.filter((modifier) => chosen.includes(modifier.modifier_id)).length;
}

function defaults(item: Item): readonly string[] {
  return item.modifier_groups
    .filter((group) => group.at_least > 0)
    .flatMap((group) => group.modifiers.slice(0, group.at_least).map((modifier) => modifier.modifier_id));
}
