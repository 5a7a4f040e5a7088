import { batch, signal } from "@preact/signals";
import ar from "../build/ar.messages";
import de from "../build/de.messages";
import en from "../build/en.messages";
import es from "../build/es.messages";
import fr from "../build/fr.messages";

// Messages are keyed by their English text (gettext), so a missing one is English and never a code word.

type Texts = Record<string, string | Record<string, string>>;
type Values = Record<string, string | number>;

export interface Language {
  readonly code: string;
  readonly name: string; // in itself
  readonly direction: "ltr" | "rtl";
  readonly catalog: string;
}

export const LANGUAGES: readonly Language[] = [
  { code: "en", name: "English", direction: "ltr", catalog: en },
  { code: "es", name: "Español", direction: "ltr", catalog: es },
  { code: "fr", name: "Français", direction: "ltr", catalog: fr },
  { code: "de", name: "Deutsch", direction: "ltr", catalog: de },
  { code: "ar", name: "العربية", direction: "rtl", catalog: ar },
];

export const language = signal("en");
const texts = signal<Texts>({});
const loaded = new Map<string, Texts>();

/** What a language says, kept from then on: it needs no line any more. Rejects when it cannot be had. */
export async function catalogOf({ code, catalog }: Language): Promise<Texts> {
  let found = loaded.get(code);
  if (!found) {
    const answer = await fetch(catalog);
    if (!answer.ok) throw new Error(`catalog ${code}: ${answer.status}`);
    found = (await answer.json()) as Texts;
    loaded.set(code, found);
  }
  return found;
}

/** Switch the whole page to a language; nothing else changes. Rejects when the catalog cannot be had. */
export async function speak(code: string): Promise<void> {
  const wanted = LANGUAGES.find((known) => known.code === code) ?? LANGUAGES[0]!;
  const catalog = await catalogOf(wanted);
  batch(() => {
    language.value = wanted.code;
    texts.value = catalog;
  });
  document.documentElement.lang = wanted.code;
  document.documentElement.dir = wanted.direction;
}

/** The message in the language of the page; `{name}` is filled in from `values`. */
export function t(message: string, values: Values = {}): string {
  const found = texts.value[message];
  return fill(typeof found === "string" ? found : message, values);
}

/** The message for `n` of something; `{n}` is `n` as this language writes it. */
export function tn(one: string, many: string, n: number, values: Values = {}): string {
  const found = texts.value[one];
  const english = n === 1 ? one : many;
  const text = typeof found === "object" ? (found[plural(n)] ?? found["other"] ?? english) : english;
  return fill(text, { n: digits(n), ...values });
}

function plural(n: number): string {
  return new Intl.PluralRules(language.value).select(n);
}

function digits(n: number): string {
  return new Intl.NumberFormat(locale()).format(n);
}

/** For Intl. Arabic keeps the digits of the shelf labels and the banknotes around the customer. */
export function locale(): string {
  return language.value === "ar" ? "ar-u-nu-latn" : language.value;
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => isolated(values[name] ?? whole));
}

/** "2 for 3.00" within an Arabic sentence keeps its own order: FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE. */
function isolated(value: string | number): string {
  return language.peek() === "ar" && typeof value === "string" ? `\u2068${value}\u2069` : String(value);
}
