import { tick } from "../design/Age";
import { Banner } from "../design/Banner";
import { waited } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { Link } from "../wire/link";
import type { Intervention } from "../wire/types";

/** A call for help is heard, and how long it has waited by the server's clock. */
export function HelpComing<S>({ link, help }: { link: Link<S>; help: Intervention | undefined }) {
  if (!help) return null;
  const time = waited(tick.value - Date.now() + link.now() - help.raised_at);
  return (
    <Banner tone="wait" icon="person" text={t("Help is on its way. Waiting for {time}. You may go on.", { time })} />
  );
}
