import { tick } from "../../design/Age";
import { Button } from "../../design/Button";
import { Icon, type IconName } from "../../design/Icon";
import { Money } from "../../design/Money";
import { urgency } from "../../design/Ticket";
import { money, terminalName, waited } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { Intervention, InterventionKind, ManagerScreen } from "../../wire/types";
import { CashForm } from "../CashForm";
import { ask, isOnline, link } from "../model";
import { callWord } from "../words";
import { Evidence } from "./Evidence";
import { RefusedRefund, UnknownPayment } from "./MoneyCalls";
import { Claim, Verdict } from "./Verdict";

const ICONS: Record<InterventionKind, IconName> = {
  cash: "cash",
  assistance: "person",
  pump_call: "pump",
  age: "person",
  unknown_item: "search",
  not_for_sale: "stop",
  recalled: "stop",
  expired: "clock",
  quantity_cap: "basket",
  weight_mismatch: "scale",
  own_bag: "bag",
  void_above_limit: "trash",
  price_override: "tag",
  random_check: "search",
  walk_off: "exit",
  payment: "card",
  refund: "card",
};
const PATIENCE = 5; // a customer at a lane waits less gladly than a burger: ages count five times

/** One customer who waits: for what, since when, who is going, and how it ends. */
export function Call({ call, state }: { call: Intervention; state: ManagerScreen }) {
  const age = Math.max(0, tick.value - Date.now() + link.now() - call.raised_at);
  const place = terminalName(call.terminal); // none where money is given back: its customer is at no terminal
  return (
    <article
      class={`call ${urgency(age * PATIENCE)}`}
      aria-label={place ? `${place}: ${callWord(call.kind)}` : callWord(call.kind)}
    >
      <header>
        <Icon name={ICONS[call.kind]} />
        {place && <b>{place}</b>}
        <span>{callWord(call.kind)}</span>
        <time class="number">{waited(age)}</time>
      </header>
      <Evidence call={call} />
      {call.kind === "cash" && <Cash call={call} state={state} />}
      {call.kind !== "cash" && call.kind !== "pump_call" && <Claim call={call} who={state.who} />}
      {call.kind === "pump_call" && <Authorise terminal={call.terminal} currency={state.store.currency} />}
      {call.kind === "payment" && <UnknownPayment call={call} />}
      {call.kind === "refund" && <RefusedRefund call={call} state={state} />}
      {!ENDS_OTHERWISE.has(call.kind) && <Verdict call={call} state={state} />}
    </article>
  );
}

const ENDS_OTHERWISE: ReadonlySet<InterventionKind> = new Set(["cash", "pump_call", "payment", "refund"]);

function Cash({ call, state }: { call: Intervention; state: ManagerScreen }) {
  if (call.basket_id === null) return null;
  return (
    <>
      <p class="amount">
        <Money cents={call.amount_cents ?? 0} />
      </p>
      <CashForm key={call.amount_cents} basket_id={call.basket_id} due_cents={call.amount_cents ?? 0} />
      <Release call={call} state={state} />
    </>
  );
}

/** Let the kitchen start before the money is there: for stalls, where the carhop collects it with the food. */
function Release({ call, state }: { call: Intervention; state: ManagerScreen }) {
  const isStall = state.terminals.some((tile) => tile.name === call.terminal && tile.kind === "stall");
  const isFired = state.tickets.some((ticket) => ticket.basket_id === call.basket_id);
  if (!isStall || call.basket_id === null) return null;
  if (isFired) return <p class="note">{t("The kitchen is at it already.")}</p>;
  const { basket_id } = call;
  return (
    <Button icon="kitchen" onPress={() => ask("release_order", { basket_id })} isDisabled={!isOnline.value}>
      {t("Let the kitchen start")}
    </Button>
  );
}

const LIMITS_CENTS = [2_000, 5_000, 10_000];

/** Switch a pump on: to the brim, or up to an amount. */
export function Authorise({ terminal, currency }: { terminal: string; currency: string }) {
  return (
    <>
      <Button look="filled" icon="pump" isDisabled={!isOnline.value} onPress={() => ask("authorise_pump", { terminal })}>
        {t("Switch on")}
      </Button>
      <div class="chips" role="group" aria-label={t("Switch on up to an amount")}>
        {LIMITS_CENTS.map((limit_cents) => (
          <Button
            key={limit_cents}
            look="chip"
            isDisabled={!isOnline.value}
            onPress={() => ask("authorise_pump", { terminal, limit_cents })}
          >
            {t("up to {amount}", { amount: money(limit_cents, currency) })}
          </Button>
        ))}
      </div>
    </>
  );
}
