import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Light } from "../design/Light";
import { Money } from "../design/Money";
import { dayAndTime, terminalName } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { ManagerScreen, Pushed } from "../wire/types";
import { Printers } from "./Printers";
import { ReceiptSheet } from "./ReceiptSheet";
import { receiptNumber } from "./counter/refunds";
import { Field, Looked, Nothing } from "./parts";
import { Reading, useReading } from "./reads";
import { PRINTING, type ReceiptRow, paperState } from "./paperwork";

const CHANGED: ReadonlySet<Pushed["type"]> = new Set([...PRINTING, "basket_paid"]);
const AT_ONCE = 50;

/** A page of the list: the newest, or those below a number. */
class Page extends Reading<{ receipts: readonly ReceiptRow[] }> {
  readonly before = signal<number | null>(null);

  override load(): Promise<void> {
    const below = this.before.peek();
    return super.load(`?limit=${AT_ONCE}${below === null ? "" : `&before=${below}`}`);
  }

  turn(before: number | null): void {
    this.before.value = before;
    void this.load();
  }
}

const page = new Page("/api/v1/receipts");
/** The receipt whose sheet is open. */
const opened = signal<number | null>(null);

/** What was paid, whether it is on paper, and the printers that put it there. */
export function Receipts({ state }: { state: ManagerScreen }) {
  const look = useReading(page, 30_000, CHANGED);
  return (
    <div class="office receipts">
      <header>
        <h2>{t("Receipts")}</h2>
        <Search />
      </header>
      <div class="side-by-side">
        <section aria-label={t("Receipts")}>
          <Looked look={look} onAgain={() => page.load()}>
            {({ receipts }) => <Rows rows={receipts} zone={state.store.zone} />}
          </Looked>
        </section>
        <Printers state={state} />
      </div>
      {opened.value !== null && <ReceiptSheet number={opened.value} state={state} onClose={() => void (opened.value = null)} />}
    </div>
  );
}

/** By number: typed, or scanned from the QR code of the paper. */
function Search() {
  const [text, setText] = useState("");
  const [isOdd, setOdd] = useState(false);

  function open(event: Event) {
    event.preventDefault();
    const number = receiptNumber(text);
    setOdd(number === null);
    if (number === null) return;
    opened.value = number;
    setText("");
  }

  const odd = isOdd ? { note: t("A receipt's number is made of digits.") } : {};
  return (
    <form class="asks-one" role="search" onSubmit={open}>
      <Field name={t("Number of a receipt")} value={text} onInput={setText} isCode {...odd} />
      <button type="submit" class="button">
        <Icon name="search" />
        {t("Show")}
      </button>
    </form>
  );
}

function Rows({ rows, zone }: { rows: readonly ReceiptRow[]; zone: string }) {
  const last = rows.at(-1);
  const isFirstPage = page.before.value === null;
  return (
    <>
      {rows.length === 0 ? (
        <Nothing icon="receipt" text={isFirstPage ? t("Nothing has been paid yet.") : t("There are no older receipts.")} />
      ) : (
        <ul class="rows">
          {rows.map((row) => (
            <li key={row.number}>
              <Row row={row} zone={zone} />
            </li>
          ))}
        </ul>
      )}
      <div class="deeds">
        {!isFirstPage && <Button onPress={() => page.turn(null)}>{t("Newest")}</Button>}
        {last && last.number > 1 && rows.length === AT_ONCE && <Button onPress={() => page.turn(last.number)}>{t("Older")}</Button>}
      </div>
    </>
  );
}

function Row({ row, zone }: { row: ReceiptRow; zone: string }) {
  const { tone, word } = paperState(row.job);
  const name = t("Receipt {number}", { number: row.number });
  return (
    <article class="row" aria-label={name}>
      <Icon name="receipt" />
      <div class="what">
        <b>{name}</b>
        <small>
          {terminalName(row.terminal)} · {dayAndTime(row.paid_at, zone)}
        </small>
      </div>
      <Light tone={tone} word={word} />
      <b class="sum">
        <Money cents={row.total_cents} />
      </b>
      <div class="deeds">
        <Button onPress={() => void (opened.value = row.number)}>{t("Show")}</Button>
      </div>
    </article>
  );
}
