import { useEffect, useState } from "preact/hooks";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Keyboard, Keypad } from "../design/Keypad";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import type { Intervention, InterventionKind, LaneScreen } from "../wire/types";
import { leave, refusedService, serve, servant, signIn } from "./servant";
import { toldOf } from "./words";

const GONE_AFTER_MS = 90_000; // an attendant who was called away must not leave their rights to a customer
const CALLS: ReadonlySet<InterventionKind> = new Set(["assistance", "pump_call", "unknown_item", "not_for_sale", "recalled", "expired"]);
const ELSEWHERE: ReadonlySet<InterventionKind> = new Set(["payment", "refund"]);
// As it stands in the journal, whatever language the lane speaks.
const SEEN = "Seen at the lane";
const MANAGEMENT: ReadonlySet<string> = new Set(["manager", "owner"]);

/** The lane for staff: who they are first, then what has to be done here. */
export function ServiceSheet({ state }: { state: LaneScreen }) {
  const who = servant.value;
  useEffect(() => leaveWhenIdle(), []);
  return (
    <Sheet title={who ? t("Service: {person}", { person: who.person }) : t("For staff")} onClose={leave}>
      {refusedService.value && <Banner tone="stop" icon="alert" text={refusalText(refusedService.value) || t("The server does not answer. Please try again.")} />}
      {who ? <Desk state={state} role={who.role} /> : <SignIn />}
    </Sheet>
  );
}

function leaveWhenIdle(): () => void {
  let timer = setTimeout(leave, GONE_AFTER_MS);
  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, GONE_AFTER_MS);
  };
  addEventListener("pointerdown", touched);
  addEventListener("keydown", touched);
  addEventListener("pagehide", leave);
  return () => {
    clearTimeout(timer);
    removeEventListener("pointerdown", touched);
    removeEventListener("keydown", touched);
    removeEventListener("pagehide", leave);
  };
}

function SignIn() {
  const [person, setPerson] = useState("");
  const [secret, setSecret] = useState("");
  const [isNamed, setNamed] = useState(false);
  const enter = async () => {
    await signIn(person.trim(), secret);
    setSecret("");
  };
  if (!isNamed) {
    return (
      <form class="number-entry" onSubmit={(event) => (event.preventDefault(), setNamed(person.trim() !== ""))}>
        <label for="service-name">{t("Your name")}</label>
        <input id="service-name" class="field" inputMode="none" autocomplete="off" value={person} onInput={(event) => setPerson(event.currentTarget.value)} />
        <Keyboard value={person} onChange={setPerson} />
        <Button look="filled large" isDisabled={person.trim() === ""} onPress={() => setNamed(true)}>
          {t("Go on")}
        </Button>
      </form>
    );
  }
  return (
    <form class="number-entry" onSubmit={(event) => (event.preventDefault(), secret !== "" && void enter())}>
      <label for="service-secret">{t("PIN of {person}", { person: person.trim() })}</label>
      <input id="service-secret" class="field number" type="password" inputMode="none" autocomplete="off" value={secret} onInput={(event) => setSecret(event.currentTarget.value)} />
      <Keypad value={secret} onChange={setSecret} />
      <Button look="filled large" isDisabled={secret === ""} onPress={enter}>
        {t("Sign in")}
      </Button>
      <Button icon="back" onPress={() => (setNamed(false), setSecret(""))}>
        {t("Another name")}
      </Button>
    </form>
  );
}

function Desk({ state, role }: { state: LaneScreen; role: string }) {
  const { terminal, basket } = state;
  const lines = basket?.state === "open" ? basket.lines.filter((line) => !line.is_voided) : [];
  const isResting = terminal.state === "attract" || terminal.state === "closed";
  const waiting = state.interventions.filter((one) => !ELSEWHERE.has(one.kind));
  return (
    <div class="service">
      {waiting.map((one) => (
        <Call key={one.intervention_id} one={one} />
      ))}
      {basket && lines.length > 0 && (
        <ul>
          {lines.map((line) => (
            <li key={line.line_id}>
              <Line line={line} />
              <Button
                icon="trash"
                label={t("Remove {name}", { name: line.name })}
                onPress={() => serve("void_basket_line", { basket_id: basket.basket_id, line_id: line.line_id, reason: SEEN })}
              />
            </li>
          ))}
        </ul>
      )}
      <div class="list">
        {basket && (basket.state === "open" || basket.state === "tendering") && (
          <Button icon="trash" look="row" onPress={() => serve("void_basket", { basket_id: basket.basket_id, reason: SEEN })}>
            {t("Take the whole basket back")}
          </Button>
        )}
        {isResting && (
          <Button
            icon={terminal.state === "closed" ? "play" : "stop"}
            look="row"
            onPress={() => serve(terminal.state === "closed" ? "open_terminal" : "close_terminal", { terminal: terminal.name })}
          >
            {terminal.state === "closed" ? t("Open this lane") : t("Close this lane")}
          </Button>
        )}
        {isResting && MANAGEMENT.has(role) && (
          <Button icon="person" look="row" onPress={() => serve("switch_training", { terminal: terminal.name, is_on: !terminal.is_training })}>
            {terminal.is_training ? t("End the training") : t("Begin a training")}
          </Button>
        )}
      </div>
      <Button look="filled large" icon="exit" onPress={leave}>
        {t("Back to the customer")}
      </Button>
    </div>
  );
}

function Call({ one }: { one: Intervention }) {
  const told = toldOf(one);
  const { intervention_id, amount_cents, basket_id } = one;
  const resolve = (outcome: "done" | "approved" | "denied") =>
    serve("resolve_intervention", { intervention_id, outcome, note: outcome === "done" ? "" : SEEN, seen: one.evidence });
  return (
    <Banner tone="wait" icon="help" text={told.what}>
      {one.kind === "cash" && basket_id !== null && (
        <Button look="filled" icon="cash" onPress={() => serve("confirm_cash", { basket_id, received_cents: amount_cents ?? 0 })}>
          {t("Taken exactly")} <Money cents={amount_cents ?? 0} />
        </Button>
      )}
      {CALLS.has(one.kind) && (
        <Button look="filled" icon="check" onPress={() => resolve("done")}>
          {t("Done")}
        </Button>
      )}
      {one.kind !== "cash" && !CALLS.has(one.kind) && (
        <>
          <Button look="filled" icon="check" onPress={() => resolve("approved")}>
            {t("Approve")}
          </Button>
          <Button icon="close" onPress={() => resolve("denied")}>
            {t("Deny")}
          </Button>
        </>
      )}
    </Banner>
  );
}
