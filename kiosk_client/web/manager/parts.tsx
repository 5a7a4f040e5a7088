import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { tick } from "../design/Age";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Icon, type IconName } from "../design/Icon";
import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { errorTone } from "../shell/sound";
import type { CommandName, Commands, RefusalCode, Refused, Reply } from "../wire/types";
import { newKey } from "../wire/key";
import { isOnline, link } from "./model";
import type { Look } from "./reads";
import { ago } from "./times";

// What the office's views have in common: lists that are asked for, sheets that give one order.

interface LookedProps<T> {
  look: Look<T>;
  onAgain: () => unknown;
  children: (data: T) => ComponentChildren;
}

/** A list in each of its states: on its way, not to be had, old, and there. */
export function Looked<T>({ look, onAgain, children }: LookedProps<T>) {
  const again = (
    <Button icon="recall" onPress={onAgain}>
      {t("Try again")}
    </Button>
  );
  if (look.data === null && look.problem === null) {
    return (
      <div class="whole" aria-busy="true">
        <p>{t("Just a moment")}</p>
        <div class="progress" />
      </div>
    );
  }
  const problem = look.problem === null ? "" : problemText(look.problem);
  if (look.data === null) {
    return (
      <div class="whole" role="alert">
        <Icon name="alert" />
        <p>{problem}</p>
        {again}
      </div>
    );
  }
  return (
    <>
      {problem && (
        <Banner tone="wait" icon="clock" text={`${problem} ${t("What you see is from {when}.", { when: ago(tick.value - look.at) })}`}>
          {again}
        </Banner>
      )}
      {children(look.data)}
    </>
  );
}

export function problemText(problem: Refused | "unreachable"): string {
  return problem === "unreachable" ? t("The server did not answer. This goes on by itself as soon as it does.") : refusalText(problem);
}

/** Nothing to show, said in a sentence. */
export function Nothing({ icon, text }: { icon: IconName; text: string }) {
  return (
    <div class="nothing">
      <Icon name={icon} />
      <p>{text}</p>
    </div>
  );
}

export type Said = Partial<Record<RefusalCode, string>>;

/** Give orders from a sheet, and keep the refusal where the person is looking. `said` speaks for single codes. */
export function useOrders(said: Said = {}) {
  const [refusal, setRefusal] = useState<Refused | null>(null);

  async function give<N extends CommandName>(name: N, data: Commands[N]): Promise<boolean> {
    const reply = await link.send(name, data);
    setRefusal(reply.ok ? null : reply);
    if (!reply.ok) errorTone();
    return reply.ok;
  }

  const shown = refusal && <Banner tone="stop" icon="alert" text={said[refusal.code] ?? refusalText(refusal)} of={refusal} />;
  return { give, shown, refusal };
}

/**
 * Give an order that carries a secret: over HTTP, because what waits on the wire lies in sessionStorage for a while.
 * Its key stays until there is an answer, so that a second try of the same is done once.
 */
export function useSecretOrder<N extends "add_staff" | "change_secret" | "check_gift" | "sell_gift">(name: N, said: Said = {}) {
  const [problem, setProblem] = useState<Refused | "unreachable" | null>(null);
  const kept = useRef({ key: newKey(), body: "" });

  /** The result, or null where it was not done. */
  async function ask(data: Commands[N]): Promise<{ result: unknown } | null> {
    const body = JSON.stringify(data);
    if (kept.current.body !== body) kept.current = { key: newKey(), body };
    const reply = await post({ key: kept.current.key, name, data });
    if (reply !== "unreachable") kept.current = { key: newKey(), body: "" };
    const isDone = reply !== "unreachable" && reply.ok;
    setProblem(reply === "unreachable" || !reply.ok ? reply : null);
    if (!isDone) errorTone();
    return isDone ? { result: reply.result } : null;
  }

  const give = async (data: Commands[N]) => (await ask(data)) !== null;
  if (problem === null) return { ask, give, shown: null };
  const text =
    problem === "unreachable"
      ? t("The server did not answer. Press again: it is done once at most.")
      : (said[problem.code] ?? refusalText(problem));
  return { ask, give, shown: <Banner tone="stop" icon="alert" text={text} of={problem} /> };
}

async function post(order: unknown): Promise<Reply | "unreachable"> {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/commands", { method: "POST", headers, body: JSON.stringify(order) });
    return (await answer.json()) as Reply;
  } catch {
    return "unreachable";
  }
}

interface ConfirmProps {
  title: string;
  text: string;
  deed: string;
  said?: Said;
  onConfirm: (give: ReturnType<typeof useOrders>["give"]) => Promise<boolean>;
  onClose: () => void;
}

/** What is about to happen and what it means, before it does; Escape and the ground are the way back. */
export function ConfirmSheet({ title, text, deed, said = {}, onConfirm, onClose }: ConfirmProps) {
  const { give, shown } = useOrders(said);
  return (
    <Sheet title={title} onClose={onClose}>
      <div class="form">
        {shown}
        <p>{text}</p>
        <div class="pair">
          <Button onPress={onClose}>{t("Back")}</Button>
          <Button
            look="danger filled"
            isDisabled={!isOnline.value}
            onPress={async () => {
              if (await onConfirm(give)) onClose();
            }}
          >
            {deed}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

interface ChoiceProps<V extends string> {
  name: string;
  options: readonly (readonly [V, string])[];
  value: V | null;
  onPick: (value: V) => void;
  isDisabled?: boolean;
}

/** One of a few, as chips. */
export function Choice<V extends string>({ name, options, value, onPick, isDisabled = false }: ChoiceProps<V>) {
  return (
    <div class="chips" role="group" aria-label={name}>
      {options.map(([option, word]) => (
        <Button key={option} look="chip" isPressed={value === option} isDisabled={isDisabled} onPress={() => onPick(option)}>
          {word}
        </Button>
      ))}
    </div>
  );
}

interface FieldProps {
  name: string;
  value: string;
  onInput: (value: string) => void;
  isSecret?: boolean;
  note?: string;
  autocomplete?: "off" | "new-password" | "current-password";
  isCode?: boolean;
  isFirst?: boolean;
}

/** A labelled field. Codes and addresses are written from the left in every language. */
export function Field({ name, value, onInput, isSecret = false, note, autocomplete = "off", isCode = false, isFirst = false }: FieldProps) {
  const shared = {
    class: isCode ? "field code" : "field",
    value,
    dir: isCode ? ("ltr" as const) : ("auto" as const),
    autocomplete,
    autocapitalize: isCode ? ("characters" as const) : ("off" as const),
    spellcheck: false,
    maxLength: 128,
    "data-first": isFirst || undefined,
    onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  };
  return (
    <label class="labelled">
      <span>{name}</span>
      {isSecret ? <input type="password" {...shared} /> : <input type="text" {...shared} />}
      {note && <small>{note}</small>}
    </label>
  );
}
