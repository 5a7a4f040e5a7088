import { effect } from "@preact/signals";
import { currency } from "../design/Money";
import { money } from "../i18n/format";
import { catalogOf, language, t } from "../i18n/i18n";
import { closeOptions } from "../shell/Header";
import { forgetNeeds, needs, patient } from "../shell/comfort";
import { loadWhenIdle, part } from "../shell/later";
import { chime } from "../shell/sound";
import { forgetLanguage, offered } from "../shell/start";
import { say } from "../shell/voice";
import type { LaneScreen } from "../wire/types";
import { quiet_ms } from "./Idle";
import { troubleText } from "./TroubleBanner";
import { largeLine } from "./Scanning";
import { type Trouble, layer, link, picked, trouble } from "./model";
import { differences, understood } from "./provisional";
import { baggingText, displayText, toldOf } from "./words";

// What goes on beside the drawing: each step is read aloud to whoever asked for it, what one customer asked for is
// forgotten before the next one comes, and every language is there before somebody asks for it.

const FORGOTTEN_AFTER_MS = 60_000;

let before = "";
let basketBefore = "";

effect(() => {
  const state = link.state.value;
  if (!state) return;
  const now = state.terminal.state;
  const hasCome = now === "attract" && before !== "" && before !== "attract";
  // By what the state is and not by the event: it may come whole, after a line that was down when the basket went.
  const basket = state.basket?.basket_id ?? "";
  if (hasCome || (basketBefore !== "" && basket !== basketBefore)) leaveNothing();
  if (hasCome && differences.peek().length > 0) understood();
  basketBefore = basket;
  if (now === "receipt" && before !== now && before !== "") chime();
  // Somebody has looked: what was refused because nobody had is no trouble any more.
  const what = trouble.peek();
  if (before === "held" && now !== "held" && what?.kind === "refused" && what.refused.code === "attendant_needed") {
    trouble.value = null;
  }
  // Who scans while a receipt shows is the next customer: attract was never in between.
  const isNext = hasCome || (before === "receipt" && now !== "receipt");
  before = now;
  if (isNext) forget(state);
});

// Somebody chose a language or larger text, or opened a sheet, and went away without scanning anything.
effect(() => {
  const state = link.state.value;
  if (!state || !isFree(state) || quiet_ms() < patient(FORGOTTEN_AFTER_MS)) return;
  leaveNothing();
  closeOptions();
  if (differences.peek().length > 0) understood();
  if (needs.value.size > 0 || language.value !== state.store.languages[0]) forget(state);
});

function isFree({ terminal }: LaneScreen): boolean {
  return terminal.state === "attract" || terminal.state === "closed";
}

/** What lay over the basket, or was said about it, is nobody else's. */
function leaveNothing(): void {
  trouble.value = null;
  layer.value = null;
  picked.value = null;
}

function forget(state: LaneScreen): void {
  forgetNeeds();
  void forgetLanguage(state.store);
}

// Every language that the store offers is here before a line that breaks could keep it away.
let isFetching = false;

effect(() => {
  const state = link.state.value;
  if (!state || isFetching) return;
  isFetching = true;
  loadWhenIdle(...offered(state.store).map((one) => part(() => catalogOf(one))));
});

let said: readonly string[] = [];
let saidOf: Trouble | null = null;

effect(() => {
  const state = link.state.value;
  const isWanted = needs.value.has("spoken");
  if (!state || !isWanted) return void (said = []);
  const what = trouble.value;
  // What went wrong once more is said once more, though the words are the same.
  if (what && what !== saidOf) said = said.filter((text) => text !== troubleText(what));
  saidOf = what;
  const step = stepText(state);
  const texts = [step, ...noticeTexts(state)];
  // The next step cuts short what is being said; a notice, which may stand for long, is said once and after it.
  for (const text of texts) if (!said.includes(text)) say(text, text !== step);
  said = texts;
});

/** The step the customer is at, as one would say it to them. */
function stepText(state: LaneScreen): string {
  const { basket, terminal } = state;
  const total = `${t("Total")} ${money(basket?.totals.due_cents ?? 0, currency.value)}`;
  if (terminal.state === "tendering") return [payingText(state), total].join(". ");
  if (terminal.state === "held") return t("Please wait a moment");
  if (terminal.state === "attract") return t("Scan your first item");
  if (terminal.state === "receipt") return t("Thank you");
  if (terminal.state === "closed") return t("This lane is closed");
  const line = largeLine(basket);
  return line ? `${line.name}, ${money(line.total_cents, currency.value)}. ${total}` : t("Scan the next item, or search for it.");
}

/** What else there is to know: what went wrong, what somebody has to look at, what the bagging area wants. */
function noticeTexts(state: LaneScreen): string[] {
  const what = trouble.value;
  const texts = what ? [troubleText(what)] : [];
  if (state.terminal.state === "tendering") return texts;
  const holding = state.interventions.filter((one) => one.is_holding_scanning || one.is_holding_paying);
  const bagging = state.terminal.state === "held" ? "" : baggingText(state);
  return [...texts, ...holding.map((one) => Object.values(toldOf(one)).join(" ")), bagging];
}

function payingText({ basket, interventions }: LaneScreen): string {
  const card = basket?.payments.find((one) => one.state === "asked" || one.state === "authorising");
  if (card) return displayText(card);
  if (basket?.payments.some((one) => one.state === "unknown")) return t("We do not know yet whether your card was charged");
  return interventions.some((one) => one.kind === "cash") ? t("Please pay the attendant") : t("How do you want to pay?");
}
