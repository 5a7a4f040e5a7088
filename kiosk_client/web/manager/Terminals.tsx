import { signal } from "@preact/signals";
import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon, type IconName } from "../design/Icon";
import { Light } from "../design/Light";
import { terminalName } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { ManagerScreen, Tile } from "../wire/types";
import { pairing, PairingCalls } from "./Pairing";
import { OpenOrClose } from "./TerminalSheet";
import { isOnline, isThere, link, pairingsOf, seenAt } from "./model";
import { ConfirmSheet, Nothing } from "./parts";
import { ago } from "./times";
import { kindName, stateOf } from "./words";

/** The terminal that somebody is about to take out of service. */
const leaving = signal<string | null>(null);

/** Every enrolled screen: whether it is there, since when not, and the ways in and out of service. */
export function Terminals({ state }: { state: ManagerScreen }) {
  const asking = pairingsOf(state).length > 0;
  return (
    <div class="office">
      <header>
        <h2>{t("Terminals")}</h2>
        <Button icon="plus" look="filled" isDisabled={!isOnline.value} onPress={() => void (pairing.value = "")}>
          {t("Pair a screen")}
        </Button>
      </header>
      {asking && (
        <section class="asking" aria-label={t("Screens that ask to be paired")}>
          <ul>
            <PairingCalls state={state} />
          </ul>
        </section>
      )}
      {state.terminals.length === 0 ? (
        <Nothing icon="terminals" text={t("No terminals yet. Open this server's address on a screen; its code appears here.")} />
      ) : (
        <ul class="rows">
          {state.terminals.map((tile) => (
            <li key={tile.name}>
              <Row tile={tile} />
            </li>
          ))}
        </ul>
      )}
      {leaving.value !== null && (
        <ConfirmSheet
          title={t("Take {name} out of service?", { name: terminalName(leaving.value) })}
          text={t("Its screen closes at once and cannot come back without being paired again. An open basket is parked.")}
          deed={t("Take out of service")}
          said={{ wrong_state: t("It has something unfinished, so nothing was changed. Finish that first.") }}
          onConfirm={(give) => give("retire_terminal", { terminal: leaving.peek() ?? "" })}
          onClose={() => void (leaving.value = null)}
        />
      )}
    </div>
  );
}

function Row({ tile }: { tile: Tile }) {
  const { tone, word } = stateOf(tile);
  const isHere = isThere(tile);
  const seen_at = seenAt(tile);
  const now = tick.value - Date.now() + link.now();
  return (
    <article class="row" aria-label={terminalName(tile.name)}>
      <Icon name={tile.kind as IconName} />
      <div class="what">
        <b>{terminalName(tile.name)}</b>
        <small>{kindName(tile.kind)}</small>
      </div>
      <Light tone={tone} word={word} />
      <div class="seen">
        <Light tone={isHere ? "good" : "idle"} word={isHere ? t("Connected") : t("Not connected")} />
        {!isHere && <small>{seen_at === null ? t("Not seen since the server started") : ago(now - seen_at)}</small>}
      </div>
      <div class="deeds">
        <OpenOrClose tile={tile} isBrief />
        <Button
          look="danger"
          icon="exit"
          label={t("Take {name} out of service", { name: terminalName(tile.name) })}
          isDisabled={!isOnline.value}
          onPress={() => void (leaving.value = tile.name)}
        >
          {t("Revoke")}
        </Button>
      </div>
    </article>
  );
}
