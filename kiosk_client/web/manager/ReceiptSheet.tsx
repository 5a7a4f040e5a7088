import { useEffect, useMemo, useState } from "preact/hooks";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Light } from "../design/Light";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { Sheet } from "../design/Sheet";
import { dayAndTime, decimal, terminalName } from "../i18n/format";
import { LANGUAGES, language, t } from "../i18n/i18n";
import type { ManagerScreen, Payment, PrintJob, Receipt, RefusalCode } from "../wire/types";
import { isOnline, lastEvent } from "./model";
import { Choice, Looked, useOrders } from "./parts";
import { type Look, Reading, useReading } from "./reads";
import { tenderWord } from "./words";
import { PRINTING, type ReceiptRow, paperState, printers, troubleTexts } from "./paperwork";

interface SheetProps {
  number: number;
  state: ManagerScreen;
  onClose: () => void;
}

/** One receipt whole, how it stands with its paper, and another copy. */
export function ReceiptSheet({ number, state, onClose }: SheetProps) {
  const reading = useMemo(() => new Reading<Receipt>(`/api/v1/receipts/${number}`), [number]);
  useEffect(() => void reading.load(), [reading]);
  const look = said(reading.look.value, "not_found", t("There is no receipt with this number. Check it."));
  return (
    <Sheet title={t("Receipt {number}", { number })} onClose={onClose}>
      <Looked look={look} onAgain={() => reading.load()}>
        {(receipt) => (
          <div class="form">
            <Paper receipt={receipt} zone={state.store.zone} />
            <Copies receipt={receipt} languages={state.store.languages} />
          </div>
        )}
      </Looked>
    </Sheet>
  );
}

/** The look with our own words for one code of refusal. */
function said<T>(look: Look<T>, code: RefusalCode, message: string): Look<T> {
  const { problem } = look;
  if (problem === null || problem === "unreachable" || problem.code !== code) return look;
  return { ...look, problem: { ok: false, code: "bad_request", message } };
}

function Paper({ receipt, zone }: { receipt: Receipt; zone: string }) {
  return (
    <div class="receipt-whole">
      <p class="note">
        {terminalName(receipt.terminal)} · {dayAndTime(receipt.paid_at, zone)} · <bdi>{receipt.by}</bdi>
      </p>
      {receipt.is_training && <p class="warned">{t("This was practice. It counts nowhere.")}</p>}
      {receipt.refund_of !== null && (
        <p class="warned">
          {t("Gives back receipt {number}.", { number: receipt.refund_of })} <bdi>{receipt.reason}</bdi>
        </p>
      )}
      <ul>
        {receipt.lines.map((line) => (
          <li key={line.line_id}>
            <Line line={line} />
          </li>
        ))}
      </ul>
      <dl class="facts">
        <Sum name={t("Total")} cents={receipt.total_cents} />
        {receipt.rounding_cents !== 0 && <Sum name={t("Rounding")} cents={receipt.rounding_cents} />}
        {receipt.payments.map((payment) => (
          <Sum key={payment.payment_id} name={paidWith(payment)} cents={payment.received_cents || payment.amount_cents} />
        ))}
        {receipt.payments.length === 0 && <Sum name={tenderWord(receipt.tender)} cents={receipt.received_cents} />}
        {receipt.change_cents !== 0 && <Sum name={t("Change")} cents={receipt.change_cents} />}
        {receipt.taxes.map((tax) => (
          <Sum
            key={tax.tax_class}
            name={t("of which {rate} % tax", { rate: decimal(tax.tax_rate_bp / 100, tax.tax_rate_bp % 100 ? 1 : 0) })}
            cents={tax.tax_cents}
          />
        ))}
      </dl>
    </div>
  );
}

function Sum({ name, cents }: { name: string; cents: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Money cents={cents} />
      </dd>
    </div>
  );
}

function paidWith({ kind, masked = "" }: Payment): string {
  return masked ? `${tenderWord(kind)} \u2068${masked}\u2069` : tenderWord(kind);
}

/** How it stands with the paper, and another one: at which printer, in which language. */
function Copies({ receipt, languages }: { receipt: Receipt; languages: readonly string[] }) {
  const job = useLastJob(receipt.number);
  const known = useReading(printers, 30_000, PRINTING);
  const [printer, setPrinter] = useState<string | null>(null);
  const [spoken, setSpoken] = useState<string | null>(null);
  const { give, shown } = useOrders();
  const names = (known.data?.printers ?? []).map(({ name }) => name);
  const offered = LANGUAGES.filter(({ code }) => languages.includes(code));
  const chosen = printer ?? (job && names.includes(job.printer) ? job.printer : (names[0] ?? null));
  const tongue = spoken ?? job?.language ?? offered[0]?.code ?? language.value;
  const isOnPaper = job !== null && (job.has_begun || job.is_duplicate || job.state === "waiting");
  return (
    <section class="form" aria-label={t("On paper")}>
      <Light {...paperState(job)} />
      {job && (job.state === "failed" || job.state === "unknown") && <p class="warned">{troubleTexts(job).join(" ")}</p>}
      {shown}
      {known.data && names.length === 0 && (
        <Banner tone="wait" icon="printer" text={t("The settings name no printer (printer.addresses). Print its page instead.")} />
      )}
      {names.length > 1 && (
        <Choice name={t("Printer")} options={names.map((name) => [name, name] as const)} value={chosen} onPick={setPrinter} />
      )}
      {offered.length > 1 && (
        <Choice name={t("Language of the paper")} options={offered.map(({ code, name }) => [code, name] as const)} value={tongue} onPick={setSpoken} />
      )}
      {isOnPaper && names.length > 0 && <p class="note">{t("Paper may carry this receipt already: the next copy says DUPLICATE.")}</p>}
      <div class="pair">
        <a class="button" href={`/receipt/${receipt.number}?lang=${tongue}`} target="_blank" rel="noopener">
          {t("Open its page")}
        </a>
        {chosen !== null && (
          <Button
            look="filled"
            icon="printer"
            isDisabled={!isOnline.value || job?.state === "waiting"}
            onPress={() => give("print_receipt", { receipt_number: receipt.number, printer: chosen, language: tongue })}
          >
            {isOnPaper ? t("Print a duplicate") : t("Print")}
          </Button>
        )}
      </div>
    </section>
  );
}

/** The last print job of a receipt: as the list has it, and from then on as events tell. */
function useLastJob(number: number): PrintJob | null {
  const reading = useMemo(() => new Reading<{ receipts: readonly ReceiptRow[] }>("/api/v1/receipts"), [number]);
  const [told, setTold] = useState<PrintJob | null>(null);
  useEffect(() => {
    setTold(null);
    void reading.load(`?limit=1&before=${number + 1}`);
    return lastEvent.subscribe((event) => {
      if (event !== null && PRINTING.has(event.type) && "job" in event.data && event.data.job.receipt_number === number) setTold(event.data.job);
    });
  }, [reading]);
  const row = reading.look.value.data?.receipts[0];
  return told ?? (row?.number === number ? row.job : null);
}
