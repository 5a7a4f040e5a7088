import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon, type IconName } from "../design/Icon";
import { Light } from "../design/Light";
import { Money } from "../design/Money";
import { terminalName, waited } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { Flow } from "../pump/flow";
import type { ManagerScreen, Tile } from "../wire/types";
import { Sparkline } from "./Sparkline";
import { isOnline, isStaffScreen, isThere, link, opened, picked, stopAllPumps } from "./model";
import { figureOf, kindWord, stateOf } from "./words";

const KINDS = ["lane", "stall", "pump", "kitchen", "pickup", "display"] as const;

/** Every terminal of the store as a tile that says how it is. */
export function Floor({ state }: { state: ManagerScreen }) {
  const tiles = state.terminals.filter((tile) => !isStaffScreen(tile));
  return (
    <div class="floor">
      {tiles.length === 0 && (
        <div class="whole">
          <Icon name="manager" />
          <h2>{t("No terminals yet")}</h2>
          <p>{t("Add the first one on the server: kiosk-server terminal add NAME --kind lane")}</p>
        </div>
      )}
      {KINDS.map((kind) => {
        const some = tiles.filter((tile) => tile.kind === kind);
        if (some.length === 0) return null;
        return (
          <section key={kind} aria-label={kindWord(kind)}>
            <header>
              <h2>{kindWord(kind)}</h2>
              {kind === "pump" && (
                <Button look="danger emergency" icon="stop" onPress={stopAllPumps} isDisabled={!isOnline.value}>
                  {t("Stop all pumps")}
                </Button>
              )}
            </header>
            <ul class="plan">
              {some.map((tile) => (
                <li key={tile.name}>
                  <FloorTile tile={tile} state={state} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <TakingsStrip state={state} />
    </div>
  );
}

function FloorTile({ tile, state }: { tile: Tile; state: ManagerScreen }) {
  const now = tick.value - Date.now() + link.now();
  const { tone, word } = stateOf(tile);
  const figure = figureOf(tile, tile.kind === "pump" ? link.topic<Flow>(`fuel:${tile.name}`).value : null);
  const isHere = isThere(tile);
  const isCalling = state.inbox.some((call) => call.terminal === tile.name);
  const orders = tile.kind === "kitchen" ? state.tickets.filter((ticket) => ticket.state !== "ready").length : 0;
  return (
    <button
      type="button"
      class={`floor-tile ${tone} ${isHere ? "" : "away"} ${isCalling ? "calls" : ""}`}
      onClick={() => void (opened.value = tile.name)}
    >
      <span class="head">
        <Icon name={tile.kind as IconName} />
        <b>{terminalName(tile.name)}</b>
        {tone !== "idle" && <span class="since number">{waited(now - tile.state_since)}</span>}
      </span>
      {/* A pump delivers and a kitchen owes orders whether or not their screens are there: both are said. */}
      {(isHere || tone !== "idle") && <Light tone={tone} word={word} />}
      {tile.is_training && <span class="gone">{t("Training")}</span>}
      {!isHere && <span class="gone">{t("Not connected")}</span>}
      <span class="figure">
        {tile.kind === "kitchen" ? (
          <b>{tn("{n} order", "{n} orders", orders)}</b>
        ) : (
          <>
            <b class="number">{figure.main}</b> <small>{figure.small}</small>
          </>
        )}
      </span>
    </button>
  );
}

function TakingsStrip({ state }: { state: ManagerScreen }) {
  const { takings } = state;
  return (
    <button type="button" class="takings-strip" onClick={() => void (picked.value = "today")}>
      <span>{t("Takings today")}</span>
      <strong>
        <Money cents={takings.total_cents} />
      </strong>
      <small>{tn("{n} receipt", "{n} receipts", takings.receipts)}</small>
      <Sparkline values={takings.by_hour_cents} />
    </button>
  );
}
