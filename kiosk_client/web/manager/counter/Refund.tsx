import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { t } from "../../i18n/i18n";
import type { ManagerScreen, Pushed } from "../../wire/types";
import { Looked } from "../parts";
import { Reading, useReading } from "../reads";
import { RefundForm } from "./RefundForm";
import { MadeRefunds } from "./MadeRefunds";
import { type RefundOffer, receiptNumber } from "./refunds";

const EVERY_MS = 60_000;
const EVENTS: ReadonlySet<Pushed["type"]> = new Set(["basket_paid", "payment_moved", "refund_started"]);

/** Goods come back: find the receipt, say what and why, and the money goes back where it came from. */
export function Refund({ state }: { state: ManagerScreen }) {
  const [typed, setTyped] = useState("");
  const [number, setNumber] = useState<number | null>(null);
  const [isWrong, setWrong] = useState(false);

  function find(): void {
    const found = receiptNumber(typed);
    setWrong(found === null);
    setNumber(found);
  }

  return (
    <section class="card" aria-label={t("Refund")}>
      <h3>{t("Refund")}</h3>
      <form
        class="asks-one"
        onSubmit={(event) => {
          event.preventDefault();
          find();
        }}
      >
        <input
          class="field"
          dir="ltr"
          inputMode="numeric"
          autocomplete="off"
          maxLength={300}
          aria-label={t("Receipt number")}
          aria-invalid={isWrong || undefined}
          placeholder={t("Receipt number")}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Button icon="search" look="filled" onPress={find}>
          {t("Find")}
        </Button>
      </form>
      {isWrong && <p role="alert">{t("That is no receipt number. It stands at the top of the receipt, and in its code.")}</p>}
      {number === null && !isWrong && <p class="note">{t("Key in the number, or scan the code on the receipt.")}</p>}
      {number !== null && <Found key={number} number={number} state={state} />}
    </section>
  );
}

function Found({ number, state }: { number: number; state: ManagerScreen }) {
  const [reading] = useState(() => new Reading<RefundOffer>(`/api/v1/receipts/${number}/refund`));
  const look = useReading(reading, EVERY_MS, EVENTS);
  return (
    <Looked look={look} onAgain={() => reading.load()}>
      {(offer) => (
        <>
          <RefundForm offer={offer} state={state} onDone={() => reading.load()} />
          <MadeRefunds offer={offer} />
        </>
      )}
    </Looked>
  );
}
