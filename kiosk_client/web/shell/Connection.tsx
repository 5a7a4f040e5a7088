import { ageText, tick } from "../design/Age";
import { Banner } from "../design/Banner";
import { t } from "../i18n/i18n";
import type { Link } from "../wire/link";

const QUIET_FOR_MS = 1_500; // a blink of the line is no news

/** Says when the line is down, how old the screen is, and what becomes of what is asked meanwhile. */
export function Connection<S>({ link }: { link: Link<S> }) {
  const status = link.status.value;
  const age = tick.value - link.heardAt.value;
  const queued = link.outbox.waiting.value.filter((entry) => entry.settlesAt === null).length;
  if (link.fault.value !== null) {
    return <Banner tone="wait" icon="recall" text={t("Something arrived that this screen does not know. It has fetched everything again.")} />;
  }
  if (status === "late") {
    const slow = t("The connection is slow.");
    return <Banner tone="wait" icon="clock" text={`${slow} ${ageText(status, age)}.`} />;
  }
  if (status !== "offline" || age < QUIET_FOR_MS) return null;
  const closing = link.notice.value?.kind === "closing";
  const what = closing ? t("The server is restarting.") : t("No connection to the store.");
  const kept =
    queued > 0
      ? t("What you asked for is kept and done once it is back.")
      : t("Nothing is lost; this screen carries on by itself.");
  return <Banner tone="wait" icon="offline" text={`${what} ${kept} ${ageText(status, age)}.`} />;
}
