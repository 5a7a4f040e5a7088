import { computed, effect, signal } from "@preact/signals";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { sheetNotice } from "../design/Sheet";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { type Trouble, callHelp, closeSheet, layer, leaveTenderAndScan, link, trouble } from "./model";
import { deniedText } from "./words";

/** What stood there when the sheet of now was opened. */
const known = signal<Trouble | null>(null);

effect(() => {
  if (layer.value) known.value = trouble.peek();
});

/** Whether it went wrong in the sheet that is open: there it can be read, and what was keyed corrected. */
const isOfSheet = computed(() => layer.value !== null && trouble.value !== known.value);

sheetNotice.value = () => isOfSheet.value && <Latest />;

/** What went wrong is said where the customer is. */
export function TroubleBanner() {
  return isOfSheet.value ? null : <Latest />;
}

/** The last thing that went wrong, in the language of now, and what can be done about it. */
function Latest() {
  const [what, state] = [trouble.value, link.state.value];
  if (!what || !state) return null;
  const canCall = state.terminal.state !== "closed" && !state.interventions.some((open) => open.kind === "assistance");
  return (
    <Banner tone="stop" icon="alert" text={troubleText(what)} of={what}>
      {what.kind === "paying" && <Button onPress={() => leaveTenderAndScan(what.code)}>{t("Go back and add it")}</Button>}
      {what.kind === "refused" && <WaysOut what={what} canCall={canCall} />}
      <Button icon="close" label={t("Close")} look="plain" onPress={() => void (trouble.value = null)} />
    </Banner>
  );
}

export function troubleText(what: Trouble): string {
  if (what.kind === "closed") return t("This lane is closed, so nothing was scanned.");
  if (what.kind === "paying") return t("Payment has begun, so this item was not added.");
  if (what.kind === "denied") return deniedText(what.intervention);
  const { refused, code } = what;
  const shown = code === null ? "" : ` (${code.length > 20 ? `${code.slice(0, 20)}…` : code})`;
  return refusalText(refused) + shown;
}

/** Search for what nobody knows; call somebody, who is told what it is about. */
function WaysOut({ what: { refused, code }, canCall }: { what: Trouble & { kind: "refused" }; canCall: boolean }) {
  const isAboutItem = code !== null && (refused.code === "unknown_item" || refused.code === "not_for_sale");
  return (
    <>
      {refused.code === "unknown_item" && (
        <Button icon="search" onPress={() => void (layer.value = "search")}>
          {t("Search")}
        </Button>
      )}
      {canCall && (
        <Button icon="help" onPress={() => callHelp(isAboutItem ? code : undefined).then(closeSheet)}>
          {t("Help")}
        </Button>
      )}
    </>
  );
}
