import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { closeOptions } from "../shell/Header";
import { isServing } from "./later";
import { type Trouble, callHelp, closeSheet, layer, leaveTenderAndScan, link, trouble } from "./model";
import { differences } from "./provisional";
import { deniedText } from "./words";

/** The last thing that went wrong, in the language of now, and what can be done about it. */
export function TroubleBanner() {
  const [what, state] = [trouble.value, link.state.value];
  if (!what || !state) return null;
  // Staff know their way, and what has changed must be seen before anything is opened below it.
  const canLeave = !isServing.value && differences.value.length === 0;
  const canCall = state.terminal.state !== "closed" && !state.interventions.some((open) => open.kind === "assistance");
  return (
    <Banner tone="stop" icon="alert" text={troubleText(what)} of={what}>
      {what.kind === "paying" && <Button onPress={() => (closeOptions(), leaveTenderAndScan(what.code))}>{t("Go back and add it")}</Button>}
      {what.kind === "refused" && canLeave && <WaysOut what={what} canCall={canCall} />}
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
        <Button icon="search" onPress={() => (closeOptions(), void (layer.value = "search"))}>
          {t("Search")}
        </Button>
      )}
      {canCall && (
        <Button icon="help" onPress={() => callHelp(isAboutItem ? code : undefined).then(closeSheets)}>
          {t("Help")}
        </Button>
      )}
    </>
  );
}

function closeSheets(): void {
  closeOptions();
  closeSheet();
}
