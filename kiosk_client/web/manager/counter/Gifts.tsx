import { useState } from "preact/hooks";
import { Banner } from "../../design/Banner";
import { Button } from "../../design/Button";
import { Money, currency } from "../../design/Money";
import { Qr } from "../../design/Qr";
import { Sheet } from "../../design/Sheet";
import { dayAndTime, minorUnits, terminalName } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { ManagerScreen, Pushed, Tile } from "../../wire/types";
import { parseAmount } from "../CashForm";
import { isOnline } from "../model";
import { Field, Looked, useSecretOrder } from "../parts";
import { Reading, useReading } from "../reads";

const AMOUNTS = [10, 25, 50, 100];
const SELLING: ReadonlySet<string> = new Set(["scanning", "intervention", "ordering"]);

/** Gift cards: put money on one through an open basket, and look what one holds. */
export function GiftCards({ state }: { state: ManagerScreen }) {
  const [drawn, setDrawn] = useState<string | null>(null);
  return (
    <section class="card" aria-label={t("Gift cards")}>
      <h3>{t("Gift cards")}</h3>
      <div class="two">
        <Sell state={state} onDrawn={setDrawn} />
        <div class="form">
          <Check state={state} />
          <Owed />
        </div>
      </div>
      {drawn && <Drawn number={drawn} onClose={() => setDrawn(null)} />}
    </section>
  );
}

interface SellProps {
  state: ManagerScreen;
  onDrawn: (number: string | null) => void;
}

function Sell({ state, onDrawn }: SellProps) {
  const units = minorUnits(currency.value);
  const open = state.terminals.filter((tile) => tile.basket_id !== null && SELLING.has(tile.state));
  const [lane, setLane] = useState<string | null>(null);
  const [amount, setAmount] = useState("25");
  const [number, setNumber] = useState("");
  const { ask, shown } = useSecretOrder("sell_gift", {
    bad_request: t("This amount cannot be put on a gift card. Nothing was changed."),
  });
  const chosen = open.find((tile) => tile.name === lane) ?? (open.length === 1 ? open[0] : undefined);
  const amount_cents = parseAmount(amount, units);

  async function sell(tile: Tile | undefined, cents: number | null): Promise<void> {
    if (!tile?.basket_id || cents === null) return;
    const done = await ask({ basket_id: tile.basket_id, amount_cents: cents, number });
    if (!done) return;
    setNumber("");
    onDrawn((done.result as { number: string }).number || null);
  }

  return (
    <div class="form">
      <h4>{t("Sell one")}</h4>
      <Baskets open={open} chosen={chosen} onPick={setLane} />
      <div class="chips" role="group" aria-label={t("Amount")}>
        {AMOUNTS.map((each) => (
          <Button key={each} look="chip" isPressed={amount === String(each)} onPress={() => setAmount(String(each))}>
            <Money cents={each * units} />
          </Button>
        ))}
      </div>
      <Field name={t("Amount")} value={amount} onInput={setAmount} />
      <Field
        name={t("Number of the card")}
        value={number}
        onInput={setNumber}
        isCode
        note={t("Scan a card that has a number. Left empty, the store draws one.")}
      />
      {shown}
      <Button
        look="filled"
        icon="gift"
        isDisabled={!chosen || amount_cents === null || !isOnline.value}
        onPress={() => sell(chosen, amount_cents)}
      >
        {chosen ? t("Put it into the basket of {lane}", { lane: terminalName(chosen.name) }) : t("Put it into a basket")}
      </Button>
    </div>
  );
}

interface BasketsProps {
  open: readonly Tile[];
  chosen: Tile | undefined;
  onPick: (lane: string) => void;
}

function Baskets({ open, chosen, onPick }: BasketsProps) {
  if (open.length === 0) {
    return <p class="note">{t("No lane has an open basket. The customer scans something first, then the card goes into that basket.")}</p>;
  }
  return (
    <div class="chips" role="group" aria-label={t("Into the basket of")}>
      {open.map((tile) => (
        <Button key={tile.name} look="chip" isPressed={chosen?.name === tile.name} onPress={() => onPick(tile.name)}>
          {terminalName(tile.name)}
        </Button>
      ))}
    </div>
  );
}

/** The number of a fresh card: this once, for whoever will hold it. */
function Drawn({ number, onClose }: { number: string; onClose: () => void }) {
  return (
    <Sheet title={t("The new gift card")} onClose={onClose}>
      <div class="form">
        <Banner tone="wait" icon="alert" text={t("This number is shown only now. Give it to the customer: as a photo of the code, or written down.")} />
        <Qr text={number} label={t("Number of the card")} />
        <p class="drawn number" dir="ltr">
          {number.replace(/(\d{4})(?=\d)/g, "$1 ")}
        </p>
        <p class="note">{t("It is worth its money as soon as the basket is paid.")}</p>
        <Button look="filled" icon="check" onPress={onClose}>
          {t("The customer has it")}
        </Button>
      </div>
    </Sheet>
  );
}

interface Held {
  readonly masked: string;
  readonly balance_cents: number;
  readonly expires_at: number;
}

function Check({ state }: { state: ManagerScreen }) {
  const [number, setNumber] = useState("");
  const [held, setHeld] = useState<Held | null>(null);
  const { ask, shown } = useSecretOrder("check_gift");

  async function look(): Promise<void> {
    const done = await ask({ number });
    setHeld(done ? (done.result as Held) : null);
  }

  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <h4>{t("What does one hold?")}</h4>
      <Field name={t("Number of the card")} value={number} onInput={setNumber} isCode />
      {shown}
      {held && (
        <p class="held" role="status">
          <span dir="ltr">{held.masked}</span>
          <b>
            <Money cents={held.balance_cents} />
          </b>
          {held.expires_at > 0 && <small>{t("good until {when}", { when: dayAndTime(held.expires_at, state.store.zone) })}</small>}
        </p>
      )}
      <Button icon="search" isDisabled={number.trim() === ""} onPress={look}>
        {t("Check")}
      </Button>
    </form>
  );
}

interface Liability {
  readonly cards: number;
  readonly cents: number;
  readonly expired_cards: number;
  readonly expired_cents: number;
}

const EVERY_MS = 60_000;
const EVENTS: ReadonlySet<Pushed["type"]> = new Set(["gift_card_moved"]);
const liability = new Reading<Liability>("/api/v1/gifts");

function Owed() {
  const look = useReading(liability, EVERY_MS, EVENTS);
  return (
    <Looked look={look} onAgain={() => liability.load()}>
      {({ cents, cards, expired_cents }) => (
        <dl class="seen-facts">
          <div>
            <dt>
              {t("On all cards together")} <span class="number">({cards})</span>
            </dt>
            <dd>
              <Money cents={cents} />
            </dd>
          </div>
          {expired_cents > 0 && (
            <div>
              <dt>{t("On expired cards")}</dt>
              <dd>
                <Money cents={expired_cents} />
              </dd>
            </div>
          )}
        </dl>
      )}
    </Looked>
  );
}
