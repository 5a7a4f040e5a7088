import { useEffect, useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { Qr } from "../design/Qr";
import { dayAndTime, decimal } from "../i18n/format";
import { language, t } from "../i18n/i18n";
import { has, patient } from "../shell/comfort";
import type { LaneScreen, Payment, Receipt } from "../wire/types";
import { finish, print } from "./deeds";
import { fetchReceiptAddress } from "./goods";
import { isOnline } from "./model";
import { nameOf } from "./paying/Paid";
import { printText } from "./words";

const SHOWN_FOR_MS = 8_000;

/** Thank you, what was bought and how it was paid; on paper or on a phone for who wants it. Gone in eight seconds. */
export function Thanks({ state }: { state: LaneScreen }) {
  const { receipt, print_job: job } = state;
  // Whoever waits for paper is not sent away; when it is there, the eight seconds begin again.
  const isPrinting = job?.state === "waiting";
  const step = `${receipt?.number} ${job?.job_id} ${job?.state} ${has("slow")}`;
  useEffect(() => {
    if (isPrinting) return;
    const timer = setTimeout(() => void finish(), patient(SHOWN_FOR_MS));
    return () => clearTimeout(timer);
  }, [step]);
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (receipt) void fetchReceiptAddress(receipt.number).then(setAddress);
  }, [receipt?.number]);
  if (!receipt) return null;
  return (
    <main class="thanks">
      <div class="said">
        <div class="done">
          <Icon name="check" />
        </div>
        <h2>{t("Thank you")}</h2>
        {address && (
          <figure>
            <Qr text={address} label={t("Your receipt for your phone")} />
            <figcaption>{t("Your receipt for your phone")}</figcaption>
          </figure>
        )}
      </div>
      <Slip receipt={receipt} zone={state.store.zone} />
      <div class="ends">
        {job && (
          <p class={`printing is-${job.state}`} role="status">
            <Icon name={job.state === "printed" ? "check" : "printer"} />
            {printText(job)}
          </p>
        )}
        {state.can_print && (
          <Button
            look="large"
            icon="printer"
            isDisabled={isPrinting || !isOnline.value}
            onPress={() => print(receipt.number, language.peek())}
          >
            {job && !isPrinting ? t("Print once more") : t("Print the receipt")}
          </Button>
        )}
        <Button look="filled large" onPress={finish}>
          {t("Done")}
        </Button>
      </div>
      {!isPrinting && <i key={step} class="countdown" aria-hidden="true" />}
    </main>
  );
}

function Slip({ receipt, zone }: { receipt: Receipt; zone: string }) {
  return (
    <div class="slip">
      {/* A long receipt scrolls here, by keyboard too. */}
      <ul tabIndex={0}>
        {receipt.lines.map(
          (line) =>
            !line.is_voided && (
              <li key={line.line_id}>
                <Line line={line} />
              </li>
            ),
        )}
      </ul>
      <dl>
        <div class="main">
          <dt>{t("Paid")}</dt>
          <dd>
            <Money cents={receipt.total_cents} />
          </dd>
        </div>
        {receipt.payments.map((payment) => (
          <Tendered key={payment.payment_id} payment={payment} />
        ))}
        {receipt.rounding_cents !== 0 && (
          <div class="minor">
            <dt>{t("Rounding")}</dt>
            <dd>
              <Money cents={receipt.rounding_cents} />
            </dd>
          </div>
        )}
        {receipt.taxes.map((tax) => (
          <div key={tax.tax_class} class="minor">
            <dt>{t("of which {rate} % tax", { rate: decimal(tax.tax_rate_bp / 100, tax.tax_rate_bp % 100 ? 1 : 0) })}</dt>
            <dd>
              <Money cents={tax.tax_cents} />
            </dd>
          </div>
        ))}
        <div class="minor">
          <dt>{t("Receipt {number}", { number: receipt.number })}</dt>
          <dd>{dayAndTime(receipt.paid_at, zone)}</dd>
        </div>
      </dl>
    </div>
  );
}

/** One tender; cash with what went over the counter, and back. */
function Tendered({ payment }: { payment: Payment }) {
  if (payment.state !== "captured" && payment.state !== "authorised") return null;
  if (payment.kind !== "cash") {
    return (
      <div>
        <dt>{nameOf(payment)}</dt>
        <dd>
          <Money cents={payment.amount_cents} />
        </dd>
      </div>
    );
  }
  return (
    <>
      <div>
        <dt>{t("Cash received")}</dt>
        <dd>
          <Money cents={payment.received_cents ?? 0} />
        </dd>
      </div>
      <div>
        <dt>{t("Change")}</dt>
        <dd>
          <Money cents={payment.change_cents ?? 0} />
        </dd>
      </div>
    </>
  );
}
