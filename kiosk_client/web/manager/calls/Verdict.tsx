import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Banner } from "../../design/Banner";
import { Button } from "../../design/Button";
import { terminalName } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import { judge } from "../../shell/Trouble";
import { INTERVENTION_RULES, type Intervention, type ManagerScreen, type Outcome, type Role } from "../../wire/types";
import { isOnline, link } from "../model";
import { Reasons } from "./Reasons";
import { reasonsFor } from "./said";

interface Ended {
  readonly outcome: Outcome | null;
  readonly by: string;
}

/** What a colleague, or the customer, had ended before we could; without an outcome, what has changed meanwhile. */
const overtaken = signal<(Ended & { readonly terminal: string }) | null>(null);

export function mayResolve(call: Intervention, role: string): boolean {
  return INTERVENTION_RULES[call.kind].resolvers.includes(role as Role);
}

async function give(call: Intervention, who: string, outcome: Outcome, note = ""): Promise<void> {
  const order = { intervention_id: call.intervention_id, outcome, note, seen: call.evidence };
  const reply = await link.send("resolve_intervention", order);
  overtaken.value = null;
  if (!reply.ok && reply.code === "wrong_state") {
    overtaken.value = { outcome: null, by: "", terminal: call.terminal };
    return;
  }
  if (!judge(reply) || !reply.ok) return;
  const ended = reply.result as Ended;
  if (ended.by !== who || ended.outcome !== outcome) overtaken.value = { ...ended, terminal: call.terminal };
}

async function claim(call: Intervention, who: string): Promise<void> {
  const reply = await link.send("claim_intervention", { intervention_id: call.intervention_id });
  overtaken.value = null;
  if (!judge(reply) || !reply.ok) return;
  const ended = reply.result as Ended;
  if (ended.outcome !== null && ended.by !== who) overtaken.value = { ...ended, terminal: call.terminal };
}

/** Said once, where the person is looking: somebody was faster. */
export function Overtaken() {
  const ended = overtaken.value;
  if (ended === null) return null;
  const values = { name: ended.by, lane: terminalName(ended.terminal) };
  const said: Record<string, () => string> = {
    approved: () => t("{lane}: {name} was faster and has approved it.", values),
    denied: () => t("{lane}: {name} was faster and has denied it.", values),
    done: () => t("{lane}: {name} was faster and has seen to it.", values),
    changed: () => t("{lane}: there is something else to see by now. Nothing was decided. Look again, then decide.", values),
    withdrawn: () => t("{lane}: nobody is needed there any more.", values),
  };
  return (
    <Banner tone="wait" icon="person" text={said[ended.outcome ?? "changed"]!()}>
      <Button icon="close" label={t("Close")} look="plain" onPress={() => void (overtaken.value = null)} />
    </Banner>
  );
}

/** Who is on the way. A second pair of legs can take over, but sees that there is a first. */
export function Claim({ call, who }: { call: Intervention; who: string }) {
  const isMine = call.claimed_by === who;
  return (
    <div class="claim">
      {call.claimed_by && (
        <p>{isMine ? t("You are on the way.") : t("{name} is on the way.", { name: call.claimed_by })}</p>
      )}
      {!isMine && (
        <Button icon="person" isDisabled={!isOnline.value} onPress={() => claim(call, who)}>
          {call.claimed_by ? t("I go instead") : t("I am going")}
        </Button>
      )}
    </div>
  );
}

/** How it ends: done, or approved or denied and why. Roles that may not decide see who may. */
export function Verdict({ call, state }: { call: Intervention; state: ManagerScreen }) {
  const [asked, setAsked] = useState<"approved" | "denied" | null>(null);
  const rule = INTERVENTION_RULES[call.kind];
  const isAllowed = mayResolve(call, state.role);
  const say = (outcome: Outcome, note = "") => give(call, state.who, outcome, note);
  if (!rule.has_decision) {
    return (
      <Button look="filled" icon="check" isDisabled={!isOnline.value || !isAllowed} onPress={() => say("done")}>
        {t("Done")}
      </Button>
    );
  }
  if (asked !== null && isAllowed) {
    return (
      <Reasons
        name={asked === "approved" ? t("Approve, because:") : t("Deny, because:")}
        offered={reasonsFor(call.kind, asked)}
        deed={asked === "approved" ? t("Approve") : t("Deny")}
        look={asked === "approved" ? "filled" : "danger filled"}
        onSay={(reason) => say(asked, reason)}
        onBack={() => setAsked(null)}
      />
    );
  }
  const isOff = !isAllowed || !isOnline.value;
  return (
    <>
      <div class={rule.needs_note ? "verdicts" : "verdicts with-more"}>
        <Button look="danger" icon="close" isDisabled={isOff} onPress={() => setAsked("denied")}>
          {t("Deny")}
        </Button>
        <Button
          look="filled"
          icon="check"
          isDisabled={isOff}
          onPress={() => (rule.needs_note ? setAsked("approved") : say("approved"))}
        >
          {t("Approve")}
        </Button>
        {!rule.needs_note && (
          <Button icon="more" label={t("Approve with a reason")} isDisabled={isOff} onPress={() => setAsked("approved")} />
        )}
      </div>
      {!isAllowed && <p class="note">{t("A cashier or a manager decides this. You can go there and tell them.")}</p>}
    </>
  );
}
