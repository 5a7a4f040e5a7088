import { useEffect } from "preact/hooks";
import { language } from "../i18n/i18n";
import { has } from "./comfort";

/** Read aloud in the language of the page if this customer wants it. What is being said gives way, or is waited for. */
export function say(text: string, isPatient = false): void {
  if (!has("spoken") || !text || !("speechSynthesis" in globalThis)) return;
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.lang = language.peek();
  if (!isPatient) speechSynthesis.cancel();
  speechSynthesis.speak(spoken);
}

export function hush(): void {
  globalThis.speechSynthesis?.cancel();
}

/** Say this when it appears and whenever it changes: the step a screen is at, or what a reader says. */
export function useSpoken(text: string): void {
  const isSpoken = has("spoken");
  useEffect(() => say(text), [text, isSpoken]);
}
