import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { callHelp, layer, leaveTenderAndScan, trouble } from "./model";

/** The last thing that went wrong, in the language of now, and what can be done about it. */
export function TroubleBanner({ canCall }: { canCall: boolean }) {
  const what = trouble.value;
  if (!what) return null;
  const dismiss = <Button icon="close" label={t("Close")} look="plain" onPress={() => void (trouble.value = null)} />;
  if (what.kind === "closed") {
    return (
      <Banner tone="stop" icon="alert" text={t("This lane is closed, so nothing was scanned.")}>
        {dismiss}
      </Banner>
    );
  }
  if (what.kind === "paying") {
    return (
      <Banner tone="stop" icon="alert" text={t("Payment has begun, so this item was not added.")}>
        <Button onPress={() => leaveTenderAndScan(what.code)}>{t("Go back and add it")}</Button>
        {dismiss}
      </Banner>
    );
  }
  const code = what.code === null ? "" : ` (${what.code.length > 20 ? `${what.code.slice(0, 20)}…` : what.code})`;
  const isUnknown = what.refused.code === "unknown_item";
  return (
    <Banner tone="stop" icon="alert" text={refusalText(what.refused) + code}>
      {isUnknown && (
        <Button icon="search" onPress={() => void (layer.value = "search")}>
          {t("Search")}
        </Button>
      )}
      {canCall && (
        <Button icon="help" onPress={callHelp}>
          {t("Help")}
        </Button>
      )}
      {dismiss}
    </Banner>
  );
}
