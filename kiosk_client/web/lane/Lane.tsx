import { Age } from "../design/Age";
import type { Tone } from "../design/Light";
import { t } from "../i18n/i18n";
import { Connection } from "../shell/Connection";
import { Header } from "../shell/Header";
import { Later } from "../shell/later";
import type { LaneScreen } from "../wire/types";
import { Attract } from "./Attract";
import { Scanning } from "./Scanning";
import { isServing, offlinePart, parts, servicePart } from "./later";
import { callHelp, layer, link } from "./model";
import { isAfterHours } from "./hours";
import { differences } from "./provisional";

// The self-checkout lane. Its page may weigh 35 kB (gzip) before the first item can be scanned, so this file and what
// it imports is what attract and scanning need; everything else is in parts.ts and comes when the page is idle.
//
// A new state (`domain/lane.py` has the table):  Name.tsx, a component of `{ state }`; a row in FACES (parts.ts);
//   its light in LIGHTS below; its styles in name.css, imported by lane.css.
// A new sheet:  sheets/Name.tsx, a component of `{ state }` around <Sheet>; a row in SHEETS (parts.ts). It is opened by
//   `layer.value = "name"` and closed by closeSheet(); only one is open at a time.
// A new deed:  a function in model.ts that sends the command and shows its refusal; events go into reduce() there.
// A row that every state shows (a banner, a notice): a component of its own between the header and the face.

/** Which of its faces is shown is the lane's state, and nothing else. */
export function Lane({ state }: { state: LaneScreen }) {
  const name = state.terminal.state;
  const help = state.interventions.find((open) => open.kind === "assistance");
  const isClosed = name === "closed" || (name === "attract" && isAfterHours(state));
  const [tone, word] = light(isClosed ? "closed" : name, help !== undefined || name === "held");
  const canCall = !isClosed;
  const Messages = parts.module.value?.Messages;
  return (
    <div class={`lane is-${name}`}>
      <Header
        store={state.store}
        name={state.terminal.name}
        tone={tone}
        word={word}
        onHelp={canCall ? () => callHelp() : undefined}
        isHelpComing={help !== undefined}
      />
      <div class="messages">
        {state.terminal.is_training && <p class="training">{t("Training: nothing that is sold here counts.")}</p>}
        <Connection link={link} />
        {Messages && <Messages state={state} />}
      </div>
      <Face state={state} />
      <footer class="foot">
        <button type="button" class="staff" aria-label={`${state.store.name}: ${t("For staff")}`} onClick={() => void (isServing.value = true)}>
          {state.store.name}
        </button>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
      <OpenSheet state={state} />
      {isServing.value && (
        <Later of={servicePart} meanwhile={null}>
          {({ ServiceSheet }) => <ServiceSheet state={state} />}
        </Later>
      )}
      {differences.value.length > 0 && (
        <Later of={offlinePart} meanwhile={null}>
          {({ DifferencesSheet }) => <DifferencesSheet />}
        </Later>
      )}
    </div>
  );
}

function Face({ state }: { state: LaneScreen }) {
  const name = state.terminal.state;
  // A first scan is drawn before the server has opened the basket for it.
  const isBeginning = name === "attract" && link.outbox.waiting.value.length > 0;
  if (name === "scanning" || name === "intervention" || isBeginning) return <Scanning state={state} />;
  const isFree = name === "attract" || (name === "receipt" && !state.receipt);
  if (isFree && !isAfterHours(state)) return <Attract store={state.store} />;
  return (
    <Later of={parts}>
      {({ FACES }) => {
        const Drawn = FACES[isFree ? "closed" : name] ?? Scanning;
        return <Drawn state={state} />;
      }}
    </Later>
  );
}

function OpenSheet({ state }: { state: LaneScreen }) {
  const name = layer.value;
  if (name === null) return null;
  return (
    <Later of={parts} meanwhile={null}>
      {({ SHEETS }) => {
        const Drawn = SHEETS[name];
        return <Drawn state={state} />;
      }}
    </Later>
  );
}

const LIGHTS: Readonly<Record<string, [Tone, () => string]>> = {
  attract: ["good", () => t("Open")],
  tendering: ["wait", () => t("Paying")],
  receipt: ["good", () => t("Paid")],
  closed: ["stop", () => t("Closed")],
};

/** The lamp over the lane: free, in use or in need of a person, always with its word. */
function light(name: string, isHelpWanted: boolean): [Tone, string] {
  if (isHelpWanted && name !== "closed") return ["wait", t("Help wanted")];
  const [tone, word] = LIGHTS[name] ?? ["good", () => t("In use")];
  return [tone, word()];
}
