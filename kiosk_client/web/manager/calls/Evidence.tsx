import { Icon } from "../../design/Icon";
import { Money } from "../../design/Money";
import { terminalName } from "../../i18n/format";
import { t, tn } from "../../i18n/i18n";
import type { Evidence as Seen, Intervention, InterventionKind } from "../../wire/types";
import { fullDay, grams } from "../times";

/** What whoever goes there has to know, drawn plainly: one look, no reading. */
export function Evidence({ call }: { call: Intervention }) {
  const seen = call.evidence;
  return (
    <div class="evidence">
      {DRAWN[call.kind]?.(seen, call)}
      {call.is_holding_scanning && (
        <p class="holds">
          <Icon name="pause" /> {t("{lane} stands still until then.", { lane: terminalName(call.terminal) })}
        </p>
      )}
    </div>
  );
}

const DRAWN: Partial<Record<InterventionKind, (seen: Seen, call: Intervention) => preact.ComponentChildren>> = {
  assistance: (seen) => <Help seen={seen} />,
  age: (seen) => (
    <div class="age-limit">
      <b class="number">{seen.minimum_age}+</b>
      <div>
        <Name seen={seen} />
        {(seen.quantity ?? 0) > 1 && <small>{tn("{n} item with an age limit", "{n} items with an age limit", seen.quantity ?? 0)}</small>}
      </div>
    </div>
  ),
  unknown_item: (seen) => <Code seen={seen} />,
  not_for_sale: (seen) => <Code seen={seen} />,
  recalled: (seen) => <Code seen={seen} />,
  expired: (seen) => (
    <>
      <Code seen={seen} />
      {seen.expires_on && <p class="over">{t("Good until {day}", { day: fullDay(seen.expires_on) })}</p>}
    </>
  ),
  quantity_cap: (seen) => (
    <>
      <Name seen={seen} />
      <Facts
        rows={[
          [t("Wanted"), <b class="number over">{seen.quantity}</b>],
          [t("Without asking"), <b class="number">{seen.limit}</b>],
        ]}
      />
    </>
  ),
  weight_mismatch: (seen) => (
    <>
      {seen.reason === "skipped" ? <p>{t("The customer wants to leave it out of the bagging area:")}</p> : null}
      <Name seen={seen} />
      <Weights seen={seen} />
    </>
  ),
  own_bag: (seen) => <Weights seen={seen} />,
  walk_off: (seen) => (
    <>
      <Pieces seen={seen} />
      <Weights seen={seen} />
    </>
  ),
  void_above_limit: (seen) => (
    <>
      {seen.line_id ? <Name seen={seen} /> : <p class="item">{t("The whole basket")}</p>}
      <Facts
        rows={[
          ...(seen.line_id && seen.quantity ? [[t("Pieces to keep"), <b class="number">{seen.quantity}</b>] as const] : []),
          [t("To take back"), <Money cents={seen.amount_cents ?? 0} />],
        ]}
      />
    </>
  ),
  price_override: (seen) => (
    <>
      <Name seen={seen} />
      <p class="prices">
        <s>
          <Money cents={seen.unit_price_cents ?? 0} />
        </s>
        <Icon name="play" />
        <b>
          <Money cents={seen.amount_cents ?? 0} />
        </b>
        {(seen.quantity ?? 1) > 1 && <span class="number">× {seen.quantity}</span>}
      </p>
    </>
  ),
  random_check: (seen) => <Pieces seen={seen} />,
  payment: (seen, call) => (
    <>
      <p class="amount">
        <Money cents={call.amount_cents ?? 0} />
      </p>
      <p>{t("Nobody knows yet whether the card was charged. The reader is asked again and again; the customer must not pay twice.")}</p>
      <Why reason={seen.reason} />
    </>
  ),
  refund: (seen, call) => (
    <>
      <p class="amount">
        <Money cents={call.amount_cents ?? 0} />
      </p>
      <p>{t("The card did not take this back. The customer still has to get it.")}</p>
      <Why reason={seen.reason} />
    </>
  ),
};

function Help({ seen }: { seen: Seen }) {
  if (seen.reason?.startsWith("scale_")) {
    return <p>{t("The scale of this lane is out of order. Look at its plug and its plate.")}</p>;
  }
  return seen.code ? <Code seen={seen} /> : null;
}

function Name({ seen }: { seen: Seen }) {
  return seen.item_name ? <p class="item">{seen.item_name}</p> : null;
}

function Code({ seen }: { seen: Seen }) {
  return (
    <>
      <Name seen={seen} />
      {seen.code && (
        <p class="scanned number" dir="ltr">
          {seen.code}
        </p>
      )}
    </>
  );
}

function Pieces({ seen }: { seen: Seen }) {
  return (
    <p class="item">
      {tn("{n} item", "{n} items", seen.quantity ?? 0)}, <Money cents={seen.amount_cents ?? 0} />
    </p>
  );
}

/** The acquirer's words for no; others say nothing that would help. */
const WORDS: Readonly<Record<string, () => string>> = {
  insufficient_funds: () => t("The card does not cover this amount."),
  card_expired: () => t("The card has expired."),
  expired_card: () => t("The card has expired."),
  card_blocked: () => t("The card is blocked."),
  account_closed: () => t("The account of the card is closed."),
  do_not_honor: () => t("The bank said no, without a reason."),
  exceeds_charge: () => t("More was to go back than was charged."),
  no_answer: () => t("The bank has not answered yet."),
  no_reader: () => t("The card reader does not answer."),
};

function Why({ reason }: { reason: string | undefined }) {
  const word = reason ? WORDS[reason] : undefined;
  return word ? <p>{word()}</p> : null;
}

function Facts({ rows }: { rows: readonly (readonly [string, preact.ComponentChildren])[] }) {
  return (
    <dl class="seen-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Two bars on one measure: what ought to lie there, and what does. */
function Weights({ seen }: { seen: Seen }) {
  const [expected, measured] = [seen.expected_g ?? 0, seen.measured_g ?? 0];
  const most = Math.max(expected, measured, 1);
  const difference = measured - expected;
  return (
    <div class="weights">
      <Bar name={t("Expected")} value_g={expected} most_g={most} />
      <Bar name={t("Measured")} value_g={measured} most_g={most} look={difference > 0 ? "surplus" : "missing"} />
      {difference > 0 && <p class="over">{t("{weight} too much", { weight: grams(difference) })}</p>}
      {difference < 0 && <p class="over">{t("{weight} too little", { weight: grams(-difference) })}</p>}
    </div>
  );
}

function Bar({ name, value_g, most_g, look = "" }: { name: string; value_g: number; most_g: number; look?: string }) {
  return (
    <div class={`bar ${look}`}>
      <span>{name}</span>
      <i aria-hidden="true">
        <u style={{ inlineSize: `${Math.max(0, Math.min(100, (100 * value_g) / most_g))}%` }} />
      </i>
      <b class="number">{grams(value_g)}</b>
    </div>
  );
}
