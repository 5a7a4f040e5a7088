import { signal } from "@preact/signals";
import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Light } from "../design/Light";
import { waited } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { ManagerScreen, Pushed } from "../wire/types";
import { type Opened, PersonSheets } from "./PersonSheets";
import { ask, isOnline } from "./model";
import { Looked, Nothing } from "./parts";
import { type Member, type Session, type Staff, mayManage } from "./staff";
import { Reading, useReading } from "./reads";
import { ago } from "./times";
import { roleWord } from "./words";

const CHANGED: ReadonlySet<Pushed["type"]> = new Set([
  "staff_added", "secret_changed", "role_changed", "staff_retired", "signed_in", "signed_out", "secret_refused", "lock_lifted",
]); // prettier-ignore

const reading = new Reading<Staff>("/api/v1/staff");
const sheet = signal<Opened | null>(null);

/** Who works here, what they may do, where they are signed in, and who is locked out. */
export function People({ state }: { state: ManagerScreen }) {
  const look = useReading(reading, 30_000, CHANGED);
  return (
    <div class="office">
      <header>
        <h2>{t("People")}</h2>
        <Button icon="plus" look="filled" isDisabled={!isOnline.value} onPress={() => void (sheet.value = { deed: "add" })}>
          {t("Add a person")}
        </Button>
      </header>
      <Looked look={look} onAgain={() => reading.load()}>
        {(data) => <Lists data={data} at={look.at} state={state} />}
      </Looked>
      {sheet.value && (
        <PersonSheets
          opened={sheet.value}
          role={state.role}
          who={state.who}
          staff={look.data?.staff ?? []}
          onClose={() => {
            sheet.value = null;
            void reading.load();
          }}
        />
      )}
    </div>
  );
}

function Lists({ data, at, state }: { data: Staff; at: number; state: ManagerScreen }) {
  const here = data.staff.filter((one) => !one.is_retired);
  const gone = data.staff.filter((one) => one.is_retired);
  const own = data.sessions.filter((session) => session.person === state.who);
  return (
    <>
      <Own sessions={own} member={here.find((one) => one.name === state.who)} state={state} />
      {here.length === 0 ? (
        <Nothing icon="person" text={t("Nobody has a name and a secret here yet. Add the first person.")} />
      ) : (
        <ul class="rows">
          {here.map((member) => (
            <li key={member.name}>
              <Row member={member} at={at} sessions={data.sessions.filter((one) => one.person === member.name)} state={state} />
            </li>
          ))}
        </ul>
      )}
      {gone.length > 0 && (
        <p class="note">
          {t("No longer here:")} {gone.map((one) => one.name).join(", ")}
        </p>
      )}
    </>
  );
}

/** The person who sits here: where else they are signed in, and the ways out. */
function Own({ sessions, member, state }: { sessions: readonly Session[]; member: Member | undefined; state: ManagerScreen }) {
  const others = sessions.filter((one) => !one.is_own);
  return (
    <section class="card own" aria-label={t("You")}>
      <div class="what">
        <b>{state.who}</b>
        <small>
          {roleWord(state.role)} · {others.length === 0 ? t("Signed in here only") : tn("{n} other place", "{n} other places", others.length)}
        </small>
      </div>
      <div class="deeds">
        {member && <Button onPress={() => void (sheet.value = { deed: "secret", member })}>{t("Change my PIN or password")}</Button>}
        {sessions.length > 0 && (
          <>
            <Button isDisabled={!isOnline.value} onPress={() => void (sheet.value = { deed: "everywhere", member: null })}>
              {t("Sign out everywhere")}
            </Button>
            <Button icon="exit" onPress={signOut}>
              {t("Sign out")}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

async function signOut(): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/signout", { method: "POST", headers, body: "{}", redirect: "manual" }).catch(() => null);
  // Not gone while the server has not heard of it.
  if (answer) location.assign("/signin");
}

function Row({ member, at, sessions, state }: { member: Member; at: number; sessions: readonly Session[]; state: ManagerScreen }) {
  const lockedFor = at + member.locked_s * 1_000 - tick.value;
  const isLocked = member.locked_s > 0 && lockedFor > 0;
  const isManaged = mayManage(state.role, member.role) && member.name !== state.who;
  const idle_s = Math.min(...sessions.map((one) => one.idle_s));
  return (
    <article class="row" aria-label={member.name}>
      <Icon name="person" />
      <div class="what">
        <b>{member.name}</b>
        <small>
          {roleWord(member.role)} · {member.secret_kind === "pin" ? t("PIN") : t("Password")}
        </small>
      </div>
      <div class="seen">
        {isLocked ? (
          <Light tone="stop" word={t("Locked for {time}", { time: waited(lockedFor) })} />
        ) : (
          <Light tone={sessions.length > 0 ? "good" : "idle"} word={sessions.length > 0 ? t("Signed in") : t("Not signed in")} />
        )}
        {sessions.length > 0 && <small>{t("Last active {when}", { when: ago(tick.value - at + idle_s * 1_000) })}</small>}
        {!isLocked && member.wrong_tries > 0 && <small>{tn("{n} wrong try", "{n} wrong tries", member.wrong_tries)}</small>}
      </div>
      <div class="deeds">
        {isLocked && isManaged && (
          <Button isDisabled={!isOnline.value} onPress={() => ask("unlock_staff", { person: member.name })}>
            {t("Let them try again")}
          </Button>
        )}
        {isManaged && (
          <Button
            label={t("Change {name}", { name: member.name })}
            isDisabled={!isOnline.value}
            onPress={() => void (sheet.value = { deed: "change", member })}
          >
            {t("Change")}
          </Button>
        )}
      </div>
    </article>
  );
}
