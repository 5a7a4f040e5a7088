import { tick } from "../design/Age";
import { Icon } from "../design/Icon";
import { terminalName } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import { link } from "./model";
import { type NetworkView, type Refusal, reasonText } from "./networks";
import { Nothing } from "./parts";
import { ago } from "./times";

const DOOR = "door: ";

/** Who wanted what and was refused, as the journal has it: those we know first. Addresses above are not said again. */
export function Refusals({ data }: { data: NetworkView }) {
  const above = new Set(data.drops.map((drop) => drop.address));
  const rows = data.refusals.filter((one) => !(one.what.startsWith(DOOR) && above.has(one.where)));
  return (
    <section aria-label={t("Refused")}>
      <h3>
        {t("Refused")} <small>{t("as the journal has it")}</small>
      </h3>
      {rows.length === 0 ? (
        <Nothing icon="check" text={t("Nobody was refused anything lately.")} />
      ) : (
        <ul class="rows">
          {rows.map((one) => (
            <li key={`${one.who} ${one.where} ${one.what} ${one.why}`}>
              <Row one={one} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ one }: { one: Refusal }) {
  const now = tick.value - Date.now() + link.now();
  return (
    <article class="row" aria-label={`${one.who} ${one.where}`}>
      <Icon name="stop" />
      <div class="what">
        <b dir="auto">{one.who ? terminalName(one.who) : t("A stranger")}</b>
        <small>
          <bdi>{whatText(one.what)}</bdi> · {whyText(one.why)}
        </small>
      </div>
      <div class="seen">
        <span class="number" dir="ltr">
          {one.where}
        </span>
        <small>{tn("{n} try", "{n} tries", one.count)}</small>
      </div>
      <small class="when">{ago(now - one.last_at)}</small>
    </article>
  );
}

/** What they wanted; orders and addresses of pages show themselves. */
function whatText(what: string): string {
  const texts: Record<string, () => string> = {
    sign_in: () => t("Signing in"),
    sign_in_with_code: () => t("Signing in with a one-time code"),
    enrol: () => t("Enrolling a terminal"),
    connect: () => t("Connecting a screen"),
    handshake: () => t("Connecting a screen"),
    "connections per address": () => t("Many connections from one address"),
  };
  return texts[what]?.() ?? (what.startsWith(DOOR) ? t("Coming in") : what);
}

function whyText(why: string): string {
  const texts: Record<string, () => string> = {
    forbidden: () => t("They are not allowed to."),
    not_signed_in: () => t("No valid token, name or code."),
    too_many: () => t("Too often in a short time."),
    not_found: () => t("No screen showed that code."),
    wrong_network: () => t("Its network may not open that screen."),
  };
  return texts[why]?.() ?? reasonText(why);
}
