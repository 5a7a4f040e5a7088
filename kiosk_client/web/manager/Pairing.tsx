import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Sheet } from "../design/Sheet";
import { terminalName, waited } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { Kind, ManagerScreen, Pairing, Tile } from "../wire/types";
import { ask, isOnline, link, pairingsOf } from "./model";
import { Choice, Field, useOrders } from "./parts";
import { KINDS, kindName } from "./words";

/** Whose sheet is open: a browser that asks, or "" for a code that somebody reads out. */
export const pairing = signal<Pairing | "" | null>(null);

/** The browsers that ask to become terminals, as rows of the inbox. */
export function PairingCalls({ state }: { state: ManagerScreen }) {
  return (
    <>
      {pairingsOf(state).map((one) => (
        <li key={one.pairing_id}>
          <PairingCall one={one} />
        </li>
      ))}
    </>
  );
}

function PairingCall({ one }: { one: Pairing }) {
  const now = tick.value - Date.now() + link.now();
  return (
    <article class="call asks" aria-label={t("New screen {code}", { code: one.hint })}>
      <header>
        <Icon name="terminals" />
        <b>{t("New screen")}</b>
        <span class="number" dir="ltr">
          {one.address}
        </span>
        <time class="number" aria-label={t("Time left")}>
          {waited(one.expires_at - now)}
        </time>
      </header>
      <p class="code number" dir="ltr">
        {one.hint}-<i aria-hidden="true">••••</i>
      </p>
      <div class="pair">
        <Button
          icon="close"
          isDisabled={!isOnline.value}
          onPress={() => ask("deny_pairing", { pairing_id: one.pairing_id })}
        >
          {t("Turn away")}
        </Button>
        <Button look="filled" icon="check" isDisabled={!isOnline.value} onPress={() => void (pairing.value = one)}>
          {t("Pair it")}
        </Button>
      </div>
    </article>
  );
}

/** The code that stands on the new screen, what the screen is to be, and what it is called. */
export function PairingSheet({ state }: { state: ManagerScreen }) {
  const one = pairing.value;
  const close = () => void (pairing.value = null);
  if (one === null) return null;
  return (
    <Sheet title={t("Pair a screen")} onClose={close}>
      <PairingForm one={one === "" ? null : one} terminals={state.terminals} onDone={close} />
    </Sheet>
  );
}

const LETTERS = 8;

function PairingForm({ one, terminals, onDone }: { one: Pairing | null; terminals: readonly Tile[]; onDone: () => void }) {
  const [code, setCode] = useState(one ? `${one.hint}-` : "");
  const [kind, setKind] = useState<Kind>("lane");
  const [typed, setTyped] = useState<string | null>(null);
  const name = (typed ?? freeName(kind, terminals)).trim();
  const known = terminals.find((tile) => tile.name === name);
  const wrongKind = known !== undefined && known.kind !== kind;
  const { give, shown, refusal } = useOrders({
    not_found: t("No screen shows this code now. Read it again from the screen; a code is good for 5 minutes."),
    already_exists: t("There was a terminal of this name before. Choose another name, or press again to put this screen in its place."),
  });
  const isOffered = refusal?.code === "already_exists" && refusal.details?.["terminal"] === name;
  const isWhole = code.replace(/[^a-z]/gi, "").length === LETTERS;

  async function confirm() {
    if (await give("confirm_pairing", { code, terminal: name, kind, is_replacing: known !== undefined || isOffered })) onDone();
  }

  return (
    <form class="form" onSubmit={(event) => event.preventDefault()}>
      {shown}
      <Field
        name={one ? t("Code: add the last four letters from the screen") : t("The code on the screen")}
        value={code}
        onInput={(value) => setCode(value.toUpperCase())}
        isCode
        isFirst
      />
      <div class="labelled">
        <span>{t("What it is")}</span>
        <Choice name={t("What it is")} options={KINDS.map((each) => [each, kindName(each)])} value={kind} onPick={setKind} />
      </div>
      <Field
        name={t("Name")}
        value={typed ?? name}
        onInput={setTyped}
        note={name && terminalName(name) !== name ? terminalName(name) : ""}
      />
      {known && !wrongKind && (
        <p class="warned">
          {t("{name} is there already. This screen takes its place; the old one is signed out.", { name: terminalName(name) })}
        </p>
      )}
      {wrongKind && <p class="warned">{t("This name belongs to a terminal of another kind. Choose another name.")}</p>}
      <Button look="filled" icon="check" isDisabled={!isWhole || !name || wrongKind || !isOnline.value} onPress={confirm}>
        {t("Pair it")}
      </Button>
    </form>
  );
}

const PREFIX: Record<Kind, string> = { lane: "L", stall: "S", pump: "P", kitchen: "K", pickup: "B", display: "D", manager: "M" };

/** The next name in the row of that kind: L7 after L6, lane-4 after lane-3. */
function freeName(kind: Kind, terminals: readonly Tile[]): string {
  let [prefix, last] = [PREFIX[kind], 0];
  for (const tile of terminals) {
    const found = tile.kind === kind && /^(.*?)(\d+)$/.exec(tile.name);
    if (found && Number(found[2]) > last) [prefix, last] = [found[1]!, Number(found[2])];
  }
  return `${prefix}${last + 1}`;
}
