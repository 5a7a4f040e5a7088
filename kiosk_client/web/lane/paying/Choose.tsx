import { useState } from "preact/hooks";
import { Banner } from "../../design/Banner";
import { Button } from "../../design/Button";
import { Icon, type IconName } from "../../design/Icon";
import { Money, currency } from "../../design/Money";
import { MoneyField } from "../../design/MoneyField";
import { money } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { LaneScreen, Payment, TenderKind } from "../../wire/types";
import { isOnline } from "../model";
import { endedText } from "../words";
import { Paid } from "./Paid";
import { WayBack } from "./WayBack";
import { type FaceProps, isChoosing } from "./face";
import { choose, tendersOf } from "./pay";

const ENDED = new Set<Payment["state"]>(["declined", "timed_out", "cancelled"]);

/** While paying: how the last try ended, what is left, and the choice again. */
export function ChooseFace({ state, basket }: FaceProps) {
  const last = basket.payments.at(-1);
  return (
    <>
      {last && ENDED.has(last.state) && <Banner tone="wait" icon="card" text={endedText(last)} />}
      <h2>{t("How do you want to pay?")}</h2>
      <strong>
        <Money cents={basket.totals.due_cents} />
      </strong>
      <Paid payments={basket.payments} />
      <Choice state={state} />
      <WayBack state={state} />
    </>
  );
}

const TENDERS: Record<TenderKind, { icon: IconName; name: () => string }> = {
  card: { icon: "card", name: () => t("Card") },
  cash: { icon: "cash", name: () => t("Cash") },
  gift: { icon: "gift", name: () => t("Gift card") },
};

/** The tenders of this lane as large as they are few; below, a way to pay only a part with the next one. */
export function Choice({ state }: { state: LaneScreen }) {
  const due_cents = state.basket?.totals.due_cents ?? 0;
  const [isSplitting, setSplitting] = useState(false);
  const [part, setPart] = useState<number | null>(null);
  if (isSplitting) {
    return <Part due_cents={due_cents} onPart={(cents) => (setPart(cents), setSplitting(false))} onBack={() => setSplitting(false)} />;
  }
  const amount = part === null || part >= due_cents ? null : part;
  return (
    <div class="choice">
      <div class="tenders">
        {tendersOf(state).map((kind) => (
          <Button
            key={kind}
            look="tender"
            isDisabled={!isOnline.value}
            onPress={() => choose(kind, amount).then(() => void (isChoosing.value = false))}
          >
            <Icon name={TENDERS[kind].icon} />
            <span>{TENDERS[kind].name()}</span>
            {amount !== null && <Money cents={amount} />}
          </Button>
        ))}
      </div>
      {due_cents > 1 && (
        <Button look="plain" onPress={() => (amount === null ? setSplitting(true) : setPart(null))}>
          {amount === null ? t("Pay only a part in this way") : t("Pay all of {price} instead", { price: money(due_cents, currency.value) })}
        </Button>
      )}
    </div>
  );
}

function Part({ due_cents, onPart, onBack }: { due_cents: number; onPart: (cents: number) => void; onBack: () => void }) {
  const [cents, setCents] = useState(0);
  const isTooMuch = cents > due_cents;
  return (
    <form class="number-entry" onSubmit={(event) => (event.preventDefault(), cents > 0 && !isTooMuch && onPart(cents))}>
      <MoneyField
        id="part"
        label={t("How much of {price} do you want to pay first?", { price: money(due_cents, currency.value) })}
        cents={cents}
        onChange={setCents}
      />
      <p class="hint" role="status">
        {isTooMuch ? t("That is more than what is due.") : ""}
      </p>
      <div class="choices">
        <Button look="large" onPress={onBack}>
          {t("Pay everything")}
        </Button>
        <Button look="filled large" isDisabled={cents === 0 || isTooMuch} onPress={() => onPart(cents)}>
          {t("Pay this part")}
        </Button>
      </div>
    </form>
  );
}
