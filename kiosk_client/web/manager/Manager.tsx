import { Age, tick } from "../design/Age";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { clock, dayName } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import { Connection } from "../shell/Connection";
import { LanguageButton } from "../shell/Header";
import { RefusedBanner } from "../shell/Trouble";
import type { ManagerScreen } from "../wire/types";
import { Counter } from "./counter/Counter";
import { Floor } from "./Floor";
import { Inbox } from "./Inbox";
import { Navigation } from "./Navigation";
import { Network } from "./Network";
import { PairingSheet } from "./Pairing";
import { Past } from "./Past";
import { People } from "./People";
import { Receipts } from "./Receipts";
import { System } from "./System";
import { Terminals } from "./Terminals";
import { TerminalSheet } from "./TerminalSheet";
import { Today } from "./Today";
import { ask, isOnline, link, opened, stopped, view } from "./model";

/** The console: what goes on, who waits, what was taken. */
export function Manager({ state }: { state: ManagerScreen }) {
  const tile = state.terminals.find((one) => one.name === opened.value);
  return (
    <div class={`console shows-${view.value}`}>
      <Navigation state={state} />
      <Top state={state} />
      <main tabIndex={0}>
        <Messages />
        {view.value === "inbox" && <Inbox state={state} />}
        {view.value === "floor" && <Floor state={state} />}
        {view.value === "counter" && <Counter state={state} />}
        {view.value === "today" && <Today takings={state.takings} />}
        {view.value === "receipts" && <Receipts state={state} />}
        {view.value === "past" && <Past state={state} />}
        {view.value === "terminals" && <Terminals state={state} />}
        {view.value === "people" && <People state={state} />}
        {view.value === "network" && <Network state={state} />}
        {view.value === "system" && <System state={state} />}
      </main>
      {view.value !== "inbox" && <Inbox state={state} />}
      {tile && <TerminalSheet tile={tile} state={state} />}
      <PairingSheet state={state} />
    </div>
  );
}

function Messages() {
  return (
    <div class="messages">
      <Connection link={link} />
      <RefusedBanner />
      {stopped.value !== null && (
        <Banner tone="wait" icon="stop" text={tn("{n} pump was stopped.", "{n} pumps were stopped.", stopped.value)}>
          <Button icon="close" label={t("Close")} look="plain" onPress={() => void (stopped.value = null)} />
        </Banner>
      )}
    </div>
  );
}

function Top({ state }: { state: ManagerScreen }) {
  const now = tick.value - Date.now() + link.now();
  return (
    <header class="top">
      <h1>{state.store.name}</h1>
      <p class="day">{state.takings.day && dayName(state.takings.day)}</p>
      <Age status={link.status.value} heardAt={link.heardAt.value} />
      {state.can_simulate && (
        <button
          type="button"
          class="switch"
          role="switch"
          aria-checked={state.is_simulating}
          aria-disabled={!isOnline.value || undefined}
          onClick={() => isOnline.value && ask("switch_simulation", { is_on: !state.is_simulating })}
        >
          {t("Simulated customers")}
        </button>
      )}
      <LanguageButton store={state.store} />
      <span class="who">
        <Icon name="person" /> {state.who}
      </span>
      <time class="number">{clock(now, state.store.zone)}</time>
    </header>
  );
}
