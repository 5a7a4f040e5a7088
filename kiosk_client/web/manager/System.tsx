import { tick } from "../design/Age";
import { Light, type Tone } from "../design/Light";
import { dayAndTime } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { ManagerScreen, Pushed } from "../wire/types";
import { link } from "./model";
import { Looked } from "./parts";
import { Reading, useReading } from "./reads";
import { type Said, sentence } from "./sentences";
import { ago, size } from "./times";

interface Condition {
  readonly version: string;
  readonly head_seq: number;
  readonly store_bytes: number;
  readonly disk_free_bytes: number;
  readonly disk_warn_bytes: number;
  readonly disk_stop_bytes: number;
  readonly is_checked: boolean;
  readonly backup_at: number | null;
  readonly backup_seq: number | null;
  readonly backup_bytes: number | null;
  readonly drill_at: number | null;
  readonly drill_problem: string;
  readonly drill_said: Said | null;
  readonly trouble: string | null;
  readonly trouble_said: Said | null;
}

const HOUR_MS = 3_600_000;
const BACKUP_LATE_MS = 3 * HOUR_MS; // one an hour
const BACKUP_STALE_MS = 24 * HOUR_MS;
const DRILL_LATE_MS = 36 * HOUR_MS; // one a night

const NONE: ReadonlySet<Pushed["type"]> = new Set();
const reading = new Reading<Condition>("/api/v1/system");

/** How the box is, in sentences: what is so, and what to do where it should be otherwise. */
export function System({ state }: { state: ManagerScreen }) {
  const look = useReading(reading, 10_000, NONE);
  const now = tick.value - Date.now() + link.now();
  return (
    <div class="office">
      <header>
        <h2>{t("System")}</h2>
      </header>
      <Looked look={look} onAgain={() => reading.load()}>
        {(data) => (
          <div class="conditions">
            <Writing data={data} />
            <Backup data={data} now={now} zone={state.store.zone} />
            <Drill data={data} now={now} zone={state.store.zone} />
            <Disk data={data} />
            <Journal data={data} now={now} />
            <Card name={t("Version")} tone="good" word={`Kiosk Server ${data.version}`} text={t("What runs on this server.")} />
          </div>
        )}
      </Looked>
    </div>
  );
}

interface CardProps {
  name: string;
  tone: Tone;
  word: string;
  text: string;
  /** What to do; '' where nothing is. */
  todo?: string;
  command?: string;
  said?: string;
}

function Card({ name, tone, word, text, todo = "", command = "", said = "" }: CardProps) {
  return (
    <section class={`card condition ${tone}`} aria-label={name}>
      <h3>{name}</h3>
      <Light tone={tone} word={word} />
      <p>{text}</p>
      {said && (
        <p class="said">{said}</p>
      )}
      {todo && <p class="todo">{todo}</p>}
      {command && <code dir="ltr">{command}</code>}
    </section>
  );
}

function Writing({ data }: { data: Condition }) {
  const name = t("Selling");
  if (data.trouble === null) {
    return <Card name={name} tone="good" word={t("The store records everything")} text={t("Every sale is on the disk before it is confirmed.")} />;
  }
  return (
    <Card
      name={name}
      tone="stop"
      word={t("The store cannot record anything")}
      text={t("Selling has stopped, so that nothing is lost. It goes on by itself once the cause is gone.")}
      said={data.trouble_said ? sentence(data.trouble_said) : data.trouble}
      todo={t("Make room on the disk or mend it; this command says what is wrong:")}
      command="kiosk-server doctor"
    />
  );
}

function Backup({ data, now, zone }: { data: Condition; now: number; zone: string }) {
  const name = t("Last backup");
  const todo = t("Make one now on the server, and see whether the hourly timer runs:");
  const command = "kiosk-server backup";
  if (data.backup_at === null) {
    const text = t("If this disk breaks, everything since the store was opened is gone.");
    return <Card name={name} tone="stop" word={t("There is no backup yet")} text={text} todo={todo} command={command} />;
  }
  const age = now - data.backup_at;
  const missed = data.head_seq - (data.backup_seq ?? 0);
  const text = `${dayAndTime(data.backup_at, zone)}, ${size(data.backup_bytes ?? 0)}. ${tn("{n} entry is newer than it.", "{n} entries are newer than it.", missed)}`;
  const isLate = age > BACKUP_LATE_MS;
  const tone = age > BACKUP_STALE_MS ? "stop" : isLate ? "wait" : "good";
  return <Card name={name} tone={tone} word={ago(age)} text={text} {...(isLate ? { todo, command } : {})} />;
}

function Drill({ data, now, zone }: { data: Condition; now: number; zone: string }) {
  const name = t("Restore drill");
  const command = "kiosk-server backup --drill";
  if (data.drill_problem) {
    return (
      <Card
        name={name}
        tone="stop"
        word={t("The newest backup cannot be trusted")}
        text={t("The drill restored it into a scratch file and found a fault.")}
        said={data.drill_said ? sentence(data.drill_said) : data.drill_problem}
        todo={t("Make a new backup at once, then run the drill again:")}
        command={`kiosk-server backup && ${command}`}
      />
    );
  }
  const todo = t("Run the drill on the server; it restores the newest backup into a scratch file and verifies it:");
  if (data.drill_at === null) {
    const text = t("Nobody knows yet whether a backup can be restored.");
    return <Card name={name} tone="wait" word={t("There was no drill yet")} text={text} todo={todo} command={command} />;
  }
  const age = now - data.drill_at;
  const isLate = age > DRILL_LATE_MS;
  const text = t("{when}: the newest backup was restored and verified, and all of it was there.", { when: dayAndTime(data.drill_at, zone) });
  return <Card name={name} tone={isLate ? "wait" : "good"} word={ago(age)} text={text} {...(isLate ? { todo, command } : {})} />;
}

function Disk({ data }: { data: Condition }) {
  const free = data.disk_free_bytes;
  const tone: Tone = free < data.disk_stop_bytes ? "stop" : free < data.disk_warn_bytes ? "wait" : "good";
  const word = t("{size} free", { size: size(free) });
  const text = t("The store takes {size}. Selling stops below {least}.", { size: size(data.store_bytes), least: size(data.disk_stop_bytes) });
  const todo = tone === "good" ? "" : t("Make room on the server's disk: move old backups and logs elsewhere.");
  return <Card name={t("Disk")} tone={tone} word={word} text={text} todo={todo} />;
}

function Journal({ data, now }: { data: Condition; now: number }) {
  const isFresh = data.drill_at !== null && !data.drill_problem && now - data.drill_at <= DRILL_LATE_MS;
  const whole = data.is_checked ? t("The store was found whole when it was opened.") : t("The store is still being read whole after its opening.");
  const chain = isFresh ? t("Its chain was verified with the last drill.") : t("Its chain was not verified lately.");
  return (
    <Card
      name={t("Journal")}
      tone={data.is_checked && isFresh ? "good" : "wait"}
      word={tn("{n} entry", "{n} entries", data.head_seq)}
      text={`${whole} ${chain}`}
      todo={isFresh ? "" : t("To verify every entry now, run this on the server:")}
      command={isFresh ? "" : "kiosk-server verify"}
    />
  );
}
