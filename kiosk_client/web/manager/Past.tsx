import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon, type IconName } from "../design/Icon";
import { Light } from "../design/Light";
import { Money } from "../design/Money";
import { terminalName, waited } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import type { ManagerScreen, Tile } from "../wire/types";
import { isStaffScreen, link, picked } from "./model";
import { Looked, Nothing } from "./parts";
import { Reading } from "./reads";
import { exactClock, startOfDay } from "./times";
import { callWord, figureOf, kindWord, stateOf } from "./words";

interface Then {
  readonly at: number;
  readonly seq: number;
  readonly first_at: number;
  readonly state: ManagerScreen;
}

const KINDS = ["lane", "stall", "pump", "kitchen", "pickup", "display"] as const;
const STEPS_S = [-600, -60, -1, 1, 60, 600];
const PAUSE_MS = 120; // a dragged slider asks when it rests

const reading = new Reading<Then>("/api/v1/past");
/** The moment that is looked at, ms since 1970, whole seconds; null before somebody chose. */
const chosen = signal<number | null>(null);

/** The floor at any second of today: to look at, never to touch. */
export function Past({ state }: { state: ManagerScreen }) {
  const zone = state.store.zone;
  const now = Math.floor((tick.value - Date.now() + link.now()) / 1_000) * 1_000;
  const [entered] = useState(now);
  const at = chosen.value ?? entered;
  const first = reading.look.value.data?.first_at ?? 0;
  const from = Math.min(at, Math.max(startOfDay(now, zone), Math.ceil(first / 1_000) * 1_000));

  useEffect(() => {
    const timer = setTimeout(() => void reading.load(`?at=${at}`), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [at]);
  useEffect(
    () => () => {
      chosen.value = null;
      reading.clear();
    },
    [],
  );

  const go = (moment: number) => void (chosen.value = Math.min(now, Math.max(from, moment)));
  return (
    <div class="office past">
      <header class="then">
        <Icon name="past" />
        <h2>
          {t("The past")}{" "}
          <time class="number" dir="ltr">
            {exactClock(at, zone)}
          </time>
        </h2>
        <p>{t("To look at only: nothing here can be pressed.")}</p>
        <Button look="filled" icon="play" onPress={() => void (picked.value = "floor")}>
          {t("Back to now")}
        </Button>
      </header>
      <div class="scrub" dir="ltr">
        <input
          type="range"
          min={from}
          max={now}
          step={1_000}
          value={at}
          aria-label={t("Moment of today")}
          aria-valuetext={exactClock(at, zone)}
          onInput={(event) => go(Number(event.currentTarget.value))}
        />
        <span class="number">{exactClock(from, zone)}</span>
        <div class="steps">
          {STEPS_S.map((step) => (
            <Button key={step} look="chip" label={stepWord(step)} onPress={() => go(at + step * 1_000)}>
              <span class="number">{`${step > 0 ? "+" : "−"}${waited(Math.abs(step) * 1_000)}`}</span>
            </Button>
          ))}
        </div>
        <span class="number">{exactClock(now, zone)}</span>
      </div>
      <Looked look={reading.look.value} onAgain={() => reading.load(`?at=${at}`)}>
        {(then) => <FloorThen then={then} />}
      </Looked>
    </div>
  );
}

function stepWord(step: number): string {
  const n = Math.abs(step) < 60 ? Math.abs(step) : Math.abs(step) / 60;
  if (Math.abs(step) < 60) return step < 0 ? tn("{n} second back", "{n} seconds back", n) : tn("{n} second on", "{n} seconds on", n);
  return step < 0 ? tn("{n} minute back", "{n} minutes back", n) : tn("{n} minute on", "{n} minutes on", n);
}

function FloorThen({ then }: { then: Then }) {
  const { state } = then;
  const tiles = state.terminals.filter((tile) => !isStaffScreen(tile));
  const calls = [...state.inbox].sort((one, other) => one.raised_at - other.raised_at);
  return (
    <div class="floor" data-seq={then.seq}>
      {tiles.length === 0 && <Nothing icon="manager" text={t("There were no terminals then.")} />}
      {calls.length > 0 && (
        <section aria-label={t("Who waited then")}>
          <h2>{t("Who waited then")}</h2>
          <ul class="calls">
            {calls.map((call) => (
              <li key={call.intervention_id}>
                <b>{terminalName(call.terminal)}</b> {callWord(call.kind)}{" "}
                {call.amount_cents !== null && <Money cents={call.amount_cents} />}{" "}
                <span class="number">{waited(then.at - call.raised_at)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {KINDS.map((kind) => {
        const some = tiles.filter((tile) => tile.kind === kind);
        if (some.length === 0) return null;
        return (
          <section key={kind} aria-label={kindWord(kind)}>
            <h2>{kindWord(kind)}</h2>
            <ul class="plan">
              {some.map((tile) => (
                <li key={tile.name}>
                  <TileThen tile={tile} then={then} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <p class="sum">
        {t("Takings until then")}{" "}
        <strong>
          <Money cents={state.takings.total_cents} />
        </strong>{" "}
        {tn("{n} receipt", "{n} receipts", state.takings.receipts)}
      </p>
    </div>
  );
}

function TileThen({ tile, then }: { tile: Tile; then: Then }) {
  const { tone, word } = stateOf(tile);
  const figure = isFlowing(tile) ? { main: "", small: tile.point?.grade?.name ?? "" } : figureOf(tile, null);
  const orders = then.state.tickets.filter((ticket) => ticket.state !== "ready").length;
  return (
    <article class={`floor-tile ${tone}`} aria-label={terminalName(tile.name)}>
      <span class="head">
        <Icon name={tile.kind as IconName} />
        <b>{terminalName(tile.name)}</b>
        {tone !== "idle" && <span class="since number">{waited(then.at - tile.state_since)}</span>}
      </span>
      <Light tone={tone} word={word} />
      <span class="figure">
        {tile.kind === "kitchen" ? (
          <b>{tn("{n} order", "{n} orders", orders)}</b>
        ) : (
          <>
            <b class="number">{figure.main}</b> <small>{figure.small}</small>
          </>
        )}
      </span>
    </article>
  );
}

/** What had flowed by then nobody wrote down: the meter's word comes with the end of a fuelling. */
function isFlowing(tile: Tile): boolean {
  return tile.point?.state === "fuelling" || tile.point?.state === "suspended_fuelling";
}
