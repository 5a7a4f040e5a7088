import { Age } from "../design/Age";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import type { Tone } from "../design/Light";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { Connection } from "../shell/Connection";
import { Header } from "../shell/Header";
import { HelpComing } from "../shell/HelpComing";
import type { LaneScreen } from "../wire/types";
import { Attract } from "./Attract";
import { Paying } from "./Paying";
import { Scanning } from "./Scanning";
import { KeypadSheet, SearchSheet, StartOverSheet } from "./sheets";
import { Thanks } from "./Thanks";
import { callHelp, layer, leaveTenderAndScan, link, trouble } from "./model";

/** The self-checkout lane: which of its faces is shown is the lane's state, and nothing else. */
export function Lane({ state }: { state: LaneScreen }) {
  const name = state.terminal.state;
  const help = state.interventions.find((open) => open.kind === "assistance");
  const [tone, word] = light(name, help !== undefined);
  const canCall = name !== "closed";
  return (
    <div class={`lane is-${name}`}>
      <Header
        store={state.store}
        name={state.terminal.name}
        tone={tone}
        word={word}
        onHelp={canCall ? callHelp : undefined}
        isHelpComing={help !== undefined}
      />
      <div class="messages">
        <Connection link={link} />
        <HelpComing link={link} help={help} />
        <TroubleBanner canCall={canCall && !help} />
      </div>
      <Face state={state} />
      <footer class="foot">
        <span>{state.store.name}</span>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
      {layer.value === "search" && <SearchSheet />}
      {layer.value === "keypad" && <KeypadSheet />}
      {layer.value === "start_over" && <StartOverSheet items={state.basket?.totals.items ?? 0} />}
    </div>
  );
}

function Face({ state }: { state: LaneScreen }) {
  switch (state.terminal.state) {
    case "attract":
      // A first scan is drawn before the server has opened the basket for it.
      return link.outbox.waiting.value.length > 0 ? <Scanning state={state} /> : <Attract store={state.store} />;
    case "tendering":
      return <Paying state={state} />;
    case "receipt":
      return state.receipt ? <Thanks receipt={state.receipt} zone={state.store.zone} /> : <Attract store={state.store} />;
    case "closed":
      return <Closed />;
    default:
      return <Scanning state={state} />;
  }
}

function light(name: string, isHelpWanted: boolean): [Tone, string] {
  if (name === "closed") return ["stop", t("Closed")];
  if (isHelpWanted) return ["wait", t("Help wanted")];
  if (name === "attract") return ["good", t("Open")];
  if (name === "tendering") return ["wait", t("Paying")];
  if (name === "receipt") return ["good", t("Paid")];
  return ["good", t("In use")];
}

function Closed() {
  return (
    <main class="whole">
      <Icon name="lane" />
      <h1>{t("This lane is closed")}</h1>
      <p>{t("Please use another lane.")}</p>
    </main>
  );
}

function TroubleBanner({ canCall }: { canCall: boolean }) {
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
