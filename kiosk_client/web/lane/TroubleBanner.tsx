import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { type Trouble, callHelp, layer, leaveTenderAndScan, trouble } from "./model";
import { deniedText } from "./words";

/** The last thing that went wrong, in the language of now, and what can be done about it. */
export function TroubleBanner({ canCall }: { canCall: boolean }) {
  const what = trouble.value;
  if (!what) return null;
  return (
    <Banner tone="stop" icon="alert" text={troubleText(what)}>
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
        <Button icon="help" onPress={() => callHelp(isAboutItem ? code : undefined)}>
          {t("Help")}
        </Button>
      )}
    </>
  );
}
