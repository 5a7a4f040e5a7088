import { Age } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import type { Tone } from "../design/Light";
import { t } from "../i18n/i18n";
import { Connection } from "../shell/Connection";
import { Header, Languages } from "../shell/Header";
import { HelpComing } from "../shell/HelpComing";
import { RefusedBanner } from "../shell/Trouble";
import type { StallScreen, Store } from "../wire/types";
import { Choices } from "./Choices";
import { Menu } from "./Menu";
import { Order } from "./Order";
import { Progress } from "./Progress";
import { arrive, callHelp, choosing, link } from "./model";

/** A drive-in stall: welcome, menu with the order beside it, and then how the order is doing. */
export function Stall({ state }: { state: StallScreen }) {
  const name = state.terminal.state;
  const help = state.interventions.find((open) => open.kind === "assistance");
  const [tone, word] = light(name);
  return (
    <div class={`stall is-${name}`}>
      <Header
        store={state.store}
        name={state.terminal.name}
        tone={tone}
        word={word}
        onHelp={name === "closed" ? undefined : callHelp}
        isHelpComing={help !== undefined}
      />
      <div class="messages">
        <Connection link={link} />
        <HelpComing link={link} help={help} />
        <RefusedBanner />
      </div>
      <Face state={state} />
      <footer class="foot">
        <span>{state.store.name}</span>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
      {choosing.value && <Choices item={choosing.value} key={choosing.value.item_id} />}
    </div>
  );
}

function Face({ state }: { state: StallScreen }) {
  switch (state.terminal.state) {
    case "closed":
      return (
        <main class="whole">
          <Icon name="stall" />
          <h1>{t("This stall is closed")}</h1>
          <p>{t("Please drive on to another stall.")}</p>
        </main>
      );
    case "free":
      return <Welcome store={state.store} />;
    case "arrived":
    case "ordering":
      return (
        <main class="ordering">
          <Menu menu={state.menu} />
          <Order state={state} />
        </main>
      );
    default:
      return <Progress state={state} />;
  }
}

function light(name: string): [Tone, string] {
  const lights: Record<string, [Tone, string]> = {
    closed: ["stop", t("Closed")],
    free: ["good", t("Free")],
    arrived: ["good", t("Ordering")],
    ordering: ["good", t("Ordering")],
    ordered: ["wait", t("Ordered")],
    paid: ["good", t("Paid")],
    served: ["good", t("Served")],
  };
  return lights[name] ?? ["idle", name];
}

function Welcome({ store }: { store: Store }) {
  return (
    <main class="welcome">
      <p class="store">{t("Welcome to {store}", { store: store.name })}</p>
      <h2>{t("What would you like?")}</h2>
      <p>{t("Order here. We bring it to your car.")}</p>
      <Button look="large begin" onPress={arrive}>
        {t("Start your order")}
      </Button>
      <Languages store={store} />
    </main>
  );
}
