import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { terminalName, waited } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { ManagerScreen, PrintJob } from "../wire/types";
import { ask, isOnline, link } from "./model";
import { paperState, troubleTexts } from "./paperwork";

/** Receipts that did not come out, or perhaps: what happened, and the two ways to be done with it. */
export function PrintCalls({ state }: { state: ManagerScreen }) {
  return (
    <>
      {state.print_jobs.map((job) => (
        <li key={job.job_id}>
          <PrintCall job={job} />
        </li>
      ))}
    </>
  );
}

function PrintCall({ job }: { job: PrintJob }) {
  const { tone, word } = paperState(job);
  const [what, todo] = troubleTexts(job);
  const name = t("Receipt {number}", { number: job.receipt_number });
  const age = Math.max(0, tick.value - Date.now() + link.now() - (job.ended_at ?? job.asked_at));
  return (
    <article class={`call ${tone}`} aria-label={`${name}: ${word}`}>
      <header>
        <Icon name="printer" />
        <b>{name}</b>
        <span>{terminalName(job.terminal)}</span>
        <time class="number">{waited(age)}</time>
      </header>
      <p>{what}</p>
      <p class="note">{todo}</p>
      <div class="pair">
        <Button isDisabled={!isOnline.value} onPress={() => ask("settle_print", { job_id: job.job_id })}>
          {t("Seen to")}
        </Button>
        <Button look="filled" icon="printer" isDisabled={!isOnline.value} onPress={() => ask("print_receipt", againOf(job))}>
          {job.has_begun ? t("Print a duplicate") : t("Print again")}
        </Button>
      </div>
    </article>
  );
}

function againOf({ receipt_number, language, printer }: PrintJob) {
  return { receipt_number, language, printer };
}
