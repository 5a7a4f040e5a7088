import { Age, tick } from "../design/Age";
import { Button } from "../design/Button";
import type { Tone } from "../design/Light";
import { currency } from "../design/Money";
import { litres, mills, money } from "../i18n/format";
import { t } from "../i18n/i18n";
import { Connection } from "../shell/Connection";
import { Header } from "../shell/Header";
import { RefusedBanner } from "../shell/Trouble";
import type { FuellingPoint, Grade, PumpScreen, PumpState } from "../wire/types";
import type { Flow } from "./flow";
import { callHelp, hang, isOnline, lift, link } from "./model";

const THANKS_MS = 60_000; // so long the pump thanks who has paid; then it is anybody's again
const FLOWING: ReadonlySet<PumpState> = new Set(["fuelling", "suspended_fuelling"]);
const LIFTED: ReadonlySet<PumpState> = new Set([
  "calling",
  "started",
  "suspended_started",
  "fuelling",
  "suspended_fuelling",
]);

/** A fuelling point: three numbers to be read from three metres, one sentence of what to do, grades as nozzles. */
export function Pump({ state }: { state: PumpScreen }) {
  const { point, store } = state;
  const flow = link.topic<Flow>(`fuel:${point.terminal}`).value;
  const shown = FLOWING.has(point.state) && flow && flow.volume_ml >= point.volume_ml ? flow : point;
  const said = sentence(state);
  return (
    <div class="pump">
      <Header store={store} name={state.terminal.name} tone={said.tone} word={said.word} onHelp={callHelp} />
      <div class="messages">
        <Connection link={link} />
        <RefusedBanner />
      </div>
      <main>
        <section class={`band ${said.tone}`} role="status">
          <strong>{said.word}</strong>
          <p>{said.text}</p>
        </section>
        <section class="numbers" aria-label={t("This fuelling")}>
          <Number name={t("To pay")} value={money(shown.amount_cents, currency.value)} look="first" />
          <Number name={t("Litres")} value={litres(shown.volume_ml)} />
          <Number name={t("Price a litre")} value={point.grade ? mills(point.grade.unit_price_mills) : "–"} />
        </section>
        <Nozzles point={point} grades={state.grades} />
      </main>
      <footer class="foot">
        <span>{store.name}</span>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
    </div>
  );
}

function Number({ name, value, look = "" }: { name: string; value: string; look?: string }) {
  return (
    <div class={`figure ${look}`}>
      <span>{name}</span>
      <b class="number">{value}</b>
    </div>
  );
}

function Nozzles({ point, grades }: { point: FuellingPoint; grades: readonly Grade[] }) {
  const isLifted = LIFTED.has(point.state) && !point.is_hung;
  const isUsable = isOnline.value && (point.state === "idle" || point.state === "authorised");
  return (
    <section class="nozzles" aria-label={t("Nozzles")}>
      {grades.map((grade) => {
        const isMine = isLifted && point.grade?.item_id === grade.item_id;
        return (
          <Button
            key={grade.item_id}
            look={isMine ? "nozzle lifted" : "nozzle"}
            isDisabled={!isMine && !isUsable}
            onPress={() => (isMine ? hang() : lift(grade.item_id))}
          >
            <span class="grade">{grade.name}</span>
            <span class="price number">{mills(grade.unit_price_mills)}</span>
            <small>{isMine ? t("Hang up the nozzle") : t("Lift the nozzle")}</small>
          </Button>
        );
      })}
    </section>
  );
}

interface Said {
  tone: Tone;
  word: string;
  text: string;
}

function sentence({ point, receipt }: PumpScreen): Said {
  if (point.is_hung) return { tone: "wait", word: t("Just a moment"), text: t("The pump is counting what was delivered.") };
  switch (point.state) {
    case "idle":
      return idle(point, receipt !== null && tick.value - Date.now() + link.now() - receipt.paid_at < THANKS_MS);
    case "calling":
      return { tone: "wait", word: t("Please wait"), text: t("An attendant has been asked to switch this pump on.") };
    case "authorised":
      return { tone: "good", word: t("Switched on"), text: t("Lift the nozzle of the fuel you want.") };
    case "started":
      return { tone: "good", word: t("Ready to fuel"), text: t("Put the nozzle into the tank and press the handle.") };
    case "fuelling":
      return { tone: "good", word: t("Fuelling"), text: t("Hang up the nozzle when you have enough.") };
    case "suspended_started":
    case "suspended_fuelling":
      return { tone: "stop", word: t("Stopped"), text: t("An attendant has stopped this pump. Please wait, or hang up the nozzle.") };
    case "closed":
      return { tone: "stop", word: t("Closed"), text: t("This pump is closed. Please use another one.") };
    case "inoperative":
      return { tone: "stop", word: t("Out of order"), text: t("This pump is out of order. Please use another one.") };
  }
}

function idle(point: FuellingPoint, isPaid: boolean): Said {
  if (point.unpaid.length > 0) {
    return { tone: "wait", word: t("To pay"), text: t("Please pay inside. Thank you for fuelling here.") };
  }
  if (isPaid && point.volume_ml > 0) {
    return { tone: "good", word: t("Paid"), text: t("Thank you, and a safe journey.") };
  }
  return { tone: "good", word: t("Free"), text: t("Lift the nozzle of the fuel you want.") };
}
