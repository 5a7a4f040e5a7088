import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Light } from "../design/Light";
import { Money } from "../design/Money";
import { Sheet } from "../design/Sheet";
import { litres, mills, terminalName, waited } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { FuellingPoint, ManagerScreen, PumpState, Tile } from "../wire/types";
import { LaneBasket } from "./LaneBasket";
import { Training } from "./Training";
import { Authorise, Call } from "./calls/Call";
import { Parked } from "./counter/Parked";
import { ask, isOnline, isThere, link, opened, waiting } from "./model";
import { stateOf } from "./words";

/** One terminal: how it is and what may be done with it. */
export function TerminalSheet({ tile, state }: { tile: Tile; state: ManagerScreen }) {
  const { tone, word } = stateOf(tile);
  const now = tick.value - Date.now() + link.now();
  const calls = waiting(state).filter((open) => open.terminal === tile.name);
  return (
    <Sheet title={terminalName(tile.name)} onClose={() => void (opened.value = null)}>
      <dl class="facts">
        <Fact name={t("State")}>
          <Light tone={tone} word={word} /> <span class="number">{waited(now - tile.state_since)}</span>
        </Fact>
        <Fact name={t("Connection")}>{isThere(tile) ? t("Connected") : t("Not connected")}</Fact>
        {tile.is_training && <Fact name={t("Training")}>{t("Nothing that is sold here counts.")}</Fact>}
        {tile.items > 0 && (
          <Fact name={t("Basket")}>
            {tn("{n} item", "{n} items", tile.items)}, <Money cents={tile.total_cents} />
          </Fact>
        )}
        {tile.point && <PointFacts point={tile.point} />}
        {calls[0] && <Fact name={t("Waiting for staff")}>{waited(now - calls[0].raised_at)}</Fact>}
      </dl>
      {calls.length > 0 && (
        <ul class="sheet-calls">
          {calls.map((call) => (
            <li key={call.intervention_id}>
              <Call call={call} state={state} />
            </li>
          ))}
        </ul>
      )}
      {tile.basket_id !== null && tile.items > 0 && <LaneBasket key={tile.basket_id} tile={tile} basket_id={tile.basket_id} />}
      {tile.kind === "lane" && tile.state === "attract" && <Parked state={state} isOver />}
      <div class="deeds">
        {tile.point && <PumpDeeds point={tile.point} currency={state.store.currency} />}
        <OpenOrClose tile={tile} />
        <Training tile={tile} role={state.role} />
      </div>
    </Sheet>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function PointFacts({ point }: { point: FuellingPoint }) {
  return (
    <>
      {point.grade && (
        <Fact name={t("Fuel")}>
          {point.grade.name}, <span class="number">{mills(point.grade.unit_price_mills)}</span>
        </Fact>
      )}
      <Fact name={t("Last fuelling")}>
        <span class="number">{t("{litres} l", { litres: litres(point.volume_ml) })}</span>, <Money cents={point.amount_cents} />
      </Fact>
      <Fact name={t("Not paid yet")}>{point.unpaid.length}</Fact>
      {point.limit_cents !== null && (
        <Fact name={t("Limit")}>
          <Money cents={point.limit_cents} />
        </Fact>
      )}
    </>
  );
}

const CAN_AUTHORISE: ReadonlySet<PumpState> = new Set(["idle", "calling"]);
const CAN_STOP: ReadonlySet<PumpState> = new Set(["authorised", "started", "fuelling"]);
const CAN_RESUME: ReadonlySet<PumpState> = new Set(["suspended_started", "suspended_fuelling"]);

function PumpDeeds({ point, currency }: { point: FuellingPoint; currency: string }) {
  const { terminal, state } = point;
  return (
    <>
      {CAN_AUTHORISE.has(state) && <Authorise terminal={terminal} currency={currency} />}
      {CAN_RESUME.has(state) && (
        <Button look="filled" icon="play" isDisabled={!isOnline.value} onPress={() => ask("resume_pump", { terminal })}>
          {t("Go on delivering")}
        </Button>
      )}
      {CAN_STOP.has(state) && (
        <Button look="danger" icon="stop" isDisabled={!isOnline.value} onPress={() => ask("stop_pump", { terminal })}>
          {t("Stop this pump")}
        </Button>
      )}
    </>
  );
}

const RESTING: ReadonlySet<string> = new Set(["attract", "free", "idle", "receipt", "served"]);

/** `isBrief` where it stands in a row that names the terminal. */
export function OpenOrClose({ tile, isBrief = false }: { tile: Tile; isBrief?: boolean }) {
  const state = tile.point?.state ?? tile.state;
  const terminal = tile.name;
  if (tile.kind !== "lane" && tile.kind !== "stall" && tile.kind !== "pump") return null;
  if (state === "closed") {
    return (
      <Button icon="check" isDisabled={!isOnline.value} onPress={() => ask("open_terminal", { terminal })}>
        {isBrief ? t("Open") : t("Open this terminal")}
      </Button>
    );
  }
  return (
    <>
      <Button icon="close" isDisabled={!RESTING.has(state) || !isOnline.value} onPress={() => ask("close_terminal", { terminal })}>
        {isBrief ? t("Close") : t("Close this terminal")}
      </Button>
      {!RESTING.has(state) && !isBrief && <p class="note">{t("It can be closed when it is free.")}</p>}
    </>
  );
}
