import { signal } from "@preact/signals";
import { t, tn } from "../i18n/i18n";
import type { Status } from "../wire/link";

/** Ticks once a second: everything that shows a length of time reads it. */
export const tick = signal(Date.now());
setInterval(() => (tick.value = Date.now()), 1_000);

/** How old is what this screen shows, in words. */
export function Age({ status, heardAt }: { status: Status; heardAt: number }) {
  return <span class={`age ${status}`}>{ageText(status, Math.max(0, tick.value - heardAt))}</span>;
}

export function ageText(status: Status, age_ms: number): string {
  if (status === "live") return t("Connected");
  if (status === "connecting") return t("Connecting");
  const seconds = Math.round(age_ms / 1_000);
  if (seconds < 60) return tn("As of {n} second ago", "As of {n} seconds ago", seconds);
  return tn("As of {n} minute ago", "As of {n} minutes ago", Math.round(seconds / 60));
}
