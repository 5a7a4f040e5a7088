import { signal } from "@preact/signals";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import type { Refused, Reply } from "../wire/types";
import { errorTone } from "./sound";

/** The last refusal, kept as it came so that it can be said in another language later. */
export const refused = signal<Refused | null>(null);

/** Show a refusal; take away the one before when this went well. */
export function judge(reply: Reply): boolean {
  refused.value = reply.ok ? null : reply;
  if (!reply.ok) errorTone();
  return reply.ok;
}

export function RefusedBanner() {
  const what = refused.value;
  if (!what) return null;
  return (
    <Banner tone="stop" icon="alert" text={refusalText(what)} of={what}>
      <Button icon="close" label={t("Close")} look="plain" onPress={() => void (refused.value = null)} />
    </Banner>
  );
}
