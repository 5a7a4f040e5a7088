import type { Tone } from "../design/Light";
import { t } from "../i18n/i18n";
import type { ManagerScreen, PrintJob, PrintOutcome, Pushed } from "../wire/types";
import { Reading } from "./reads";

/** One receipt in the list; `job` is the last attempt to put it on paper. */
export interface ReceiptRow {
  readonly number: number;
  readonly terminal: string;
  readonly day: string;
  readonly paid_at: number;
  readonly total_cents: number;
  readonly by: string;
  readonly job: PrintJob | null;
}

/** One printer; `papers` (cut so far) and `set_trouble` are null for one that is not virtual. */
export interface PrinterRow {
  readonly name: string;
  readonly way: string;
  readonly waiting: number;
  readonly trouble: PrintOutcome | null;
  readonly is_paper_low: boolean;
  readonly set_trouble: string | null;
  readonly papers: number | null;
}

export const PRINTING: ReadonlySet<Pushed["type"]> = new Set(["print_asked", "receipt_printed", "print_failed", "print_settled"]);

export const printers = new Reading<{ printers: readonly PrinterRow[] }>("/api/v1/printers");

/** The jobs that somebody has to look after, oldest first. */
export function printJobsAfter(open: ManagerScreen["print_jobs"], event: Pushed): ManagerScreen["print_jobs"] {
  if (event.type !== "print_failed" && event.type !== "print_settled") return open;
  const { job } = event.data;
  const others = open.filter((one) => one.job_id !== job.job_id);
  return event.type === "print_failed" ? [...others, job] : others;
}

/** How it stands with the paper of a receipt, in a word. */
export function paperState(job: PrintJob | null): { tone: Tone; word: string } {
  switch (job?.state) {
    case undefined:
      return { tone: "idle", word: t("Not printed") };
    case "waiting":
      return { tone: "wait", word: t("Printing") };
    case "printed":
      return { tone: "good", word: job?.is_duplicate ? t("Printed again") : t("Printed") };
    case "unknown":
      return { tone: "wait", word: t("Perhaps printed") };
    case "settled":
      return { tone: "idle", word: job?.has_begun ? t("Perhaps printed") : t("Not printed") };
    default:
      return { tone: "stop", word: troubleWord(job?.outcome ?? "unknown") };
  }
}

/** What ails a printer, or a job of it. */
export function troubleWord(trouble: PrintOutcome): string {
  const words: Record<PrintOutcome, () => string> = {
    done: () => t("Ready"),
    paper_out: () => t("No paper"),
    cover_open: () => t("Cover open"),
    offline: () => t("Not reached"),
    unknown: () => t("Broke off"),
  };
  return words[trouble]();
}

/** What happened to a job that did not come out, and what to do; in this order. */
export function troubleTexts(job: PrintJob): readonly [string, string] {
  const printer = `\u2068${job.printer}\u2069`;
  const part = job.has_begun ? t("A part of the receipt may be printed.") : t("Nothing was printed.");
  switch (job.outcome) {
    case "paper_out":
      return [`${t("{printer} has no paper.", { printer })} ${part}`, t("Put a new roll in, then print again.")];
    case "cover_open":
      return [`${t("The cover of {printer} is open.", { printer })} ${part}`, t("Close it, then print again.")];
    case "offline":
      return [`${t("{printer} cannot be reached.", { printer })} ${part}`, t("See whether it is switched on and connected, then print again.")];
    default:
      return [
        t("{printer} broke off while it printed.", { printer }),
        t("Look whether the paper is complete. If it is not, print a duplicate."),
      ];
  }
}
