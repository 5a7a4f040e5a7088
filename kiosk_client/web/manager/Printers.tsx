import { useState } from "preact/hooks";
import { Icon } from "../design/Icon";
import { Light, type Tone } from "../design/Light";
import { t, tn } from "../i18n/i18n";
import type { ManagerScreen, Refused } from "../wire/types";
import { isManagement } from "./model";
import { Choice, Looked, Nothing, problemText } from "./parts";
import { useReading } from "./reads";
import { PRINTING, type PrinterRow, printers, troubleWord } from "./paperwork";

/** Every printer of the settings; of a virtual one the roll, and what managers let it suffer from. */
export function Printers({ state }: { state: ManagerScreen }) {
  const look = useReading(printers, 10_000, PRINTING);
  return (
    <section class="printers" aria-label={t("Printers")}>
      <h3>{t("Printers")}</h3>
      <Looked look={look} onAgain={() => printers.load()}>
        {({ printers: rows }) =>
          rows.length === 0 ? (
            <Nothing icon="printer" text={t("The settings name no printer yet (printer.addresses).")} />
          ) : (
            <ul>
              {rows.map((row) => (
                <li key={row.name}>
                  <Printer row={row} mayTry={isManagement(state)} />
                </li>
              ))}
            </ul>
          )
        }
      </Looked>
    </section>
  );
}

function Printer({ row, mayTry }: { row: PrinterRow; mayTry: boolean }) {
  const { tone, word } = stateOf(row);
  return (
    <article class="printer" aria-label={row.name}>
      <header>
        <Icon name="printer" />
        <b dir="auto">{row.name}</b>
        <small>{wayWord(row.way)}</small>
        <Light tone={tone} word={word} />
      </header>
      {row.trouble !== null && <p class="note">{t("That is how its last job ended. The next one will tell.")}</p>}
      {row.papers !== null && (
        <>
          {mayTry && <Troubles row={row} />}
          <Roll row={row} papers={row.papers} />
        </>
      )}
    </article>
  );
}

function stateOf(row: PrinterRow): { tone: Tone; word: string } {
  if (row.waiting > 0) return { tone: "wait", word: tn("{n} receipt waits", "{n} receipts wait", row.waiting) };
  if (row.trouble !== null) return { tone: "stop", word: troubleWord(row.trouble) };
  if (row.is_paper_low) return { tone: "wait", word: t("Paper runs low") };
  return { tone: "good", word: t("Ready") };
}

function wayWord(way: string): string {
  const words: Record<string, () => string> = {
    network: () => t("in the network"),
    device: () => t("at this server"),
    virtual: () => t("virtual"),
  };
  return words[way]?.() ?? way;
}

/** What a virtual printer has printed, as it would hang out of it; the address changes with every paper. */
function Roll({ row, papers }: { row: PrinterRow; papers: number }) {
  if (papers === 0 && row.trouble === null) return <p class="note">{t("It has printed nothing yet.")}</p>;
  const source = `/api/v1/printers/${encodeURIComponent(row.name)}/roll?papers=${papers}&trouble=${row.trouble ?? ""}`;
  return (
    <div class="roll" role="region" tabIndex={0} aria-label={t("The roll of {printer}, the newest on top", { printer: row.name })}>
      <img src={source} alt={tn("{n} receipt on paper", "{n} receipts on paper", papers)} />
    </div>
  );
}

/** A virtual printer has what troubles real ones, so that people can see what the store makes of it. */
function Troubles({ row }: { row: PrinterRow }) {
  const [problem, setProblem] = useState("");
  const options = [
    ["", t("Well")],
    ["paper_low", t("Paper low")],
    ["paper_out", t("No paper")],
    ["cover_open", t("Cover open")],
    ["off", t("Switched off")],
    ["cut", t("Line breaks once")],
    ["slow", t("Slow")],
    ["silent", t("Silent")],
  ] as const;

  async function set(trouble: string): Promise<void> {
    setProblem(await order(row.name, trouble || null));
    await printers.load();
  }

  return (
    <details>
      <summary>{t("Try its troubles")}</summary>
      <Choice name={t("Trouble of {printer}", { printer: row.name })} options={options} value={row.set_trouble ?? ""} onPick={(trouble) => void set(trouble)} />
      {problem && <p role="alert">{problem}</p>}
    </details>
  );
}

/** Not a command: what a machine of ours suffers from is no matter of the store. "" when it was done. */
async function order(printer: string, trouble: string | null): Promise<string> {
  try {
    const headers = { "Content-Type": "application/json" };
    const address = `/api/v1/printers/${encodeURIComponent(printer)}/trouble`;
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify({ trouble }) });
    return answer.ok ? "" : problemText((await answer.json()) as Refused);
  } catch {
    return problemText("unreachable");
  }
}
