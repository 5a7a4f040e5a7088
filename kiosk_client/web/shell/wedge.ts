// A barcode scanner is a keyboard wedge: it types the code in a burst and ends it with Enter (or Tab, or nothing).
// Keys are caught at the window before any widget sees them, and timed by the system's clock of the key itself:
// however busy the page is with drawing, no scan is lost and none is taken for typing.

const MACHINE_MS = 60; // mean time between keys: no hand types a whole code as fast as that
const BREAK_MS = 250; // a longer pause ends one burst and begins the next
const FORGET_MS = 2_000; // a person keys digits no slower than that
const SILENCE_MS = 150; // the end of a burst that has no Enter
const DOUBT_MS = 1_000; // and of one whose check digit is wrong: the rest of a longer code may be late
const SHORTEST = { keyed: 3, scanned: 4, inField: 8 };
const WHOLE = /^(\d{8}|\d{12,14}|\].{8,}|.{16,})$/; // what a scanner without an end key may have read
const GROUP_SEPARATOR = "\x1d"; // GS1's FNC1, which wedges send as Ctrl+]

interface Key {
  readonly text: string;
  readonly at: number;
  readonly field: HTMLInputElement | null;
  /** What stood in the field before it. */
  readonly before: string;
}

/** Calls `onScan` with every code that is scanned, or keyed and ended with Enter, on any screen. */
export class Wedge {
  private keys: Key[] = [];
  private silence = 0;

  constructor(private readonly onScan: (code: string) => void) {
    addEventListener("keydown", (event) => this.onKey(event), { capture: true });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const field = fieldOf(event.target);
    if (event.key === "Enter" || event.key === "Tab") {
      const code = this.code(field, event.key);
      clearTimeout(this.silence);
      if (code === null) return void (this.keys = []);
      // The Enter of a scanner must not press the button that happens to have the focus.
      event.preventDefault();
      event.stopImmediatePropagation();
      this.take(code, field);
      return;
    }
    const text = textOf(event, field !== null);
    if (text === null) return;
    const last = this.keys.at(-1);
    if (last && event.timeStamp - last.at > FORGET_MS) this.keys = [];
    this.keys.push({ text, at: event.timeStamp, field, before: field?.value ?? "" });
    this.listenForSilence(field);
  }

  private listenForSilence(field: HTMLInputElement | null): void {
    clearTimeout(this.silence);
    // A second look: after a frozen moment the timer may come before the keys that waited with it.
    this.silence = window.setTimeout(() => {
      this.silence = window.setTimeout(() => this.onSilence(field, false), SILENCE_MS / 3);
    }, SILENCE_MS);
  }

  private onSilence(field: HTMLInputElement | null, isLong: boolean): void {
    const burst = this.burst(field);
    const text = textIn(burst);
    if (!isMachine(burst) || !WHOLE.test(text)) return;
    if (!isLong && isDigits(text) && !isGtin(text)) {
      this.silence = window.setTimeout(() => this.onSilence(field, true), DOUBT_MS);
      return;
    }
    this.take(text, field);
  }

  /** What was scanned, or keyed by hand, up to this end key; null when it was something else. */
  private code(field: HTMLInputElement | null, end: string): string | null {
    const burst = this.burst(field);
    const text = textIn(burst);
    if (field) return isMachine(burst) && text.length >= SHORTEST.inField ? text : null;
    if (isMachine(burst) && text.length >= SHORTEST.scanned) return text;
    const keyed = textIn(this.keys);
    return end === "Enter" && isDigits(keyed) && keyed.length >= SHORTEST.keyed ? keyed : null;
  }

  private take(code: string, field: HTMLInputElement | null): void {
    const first = this.burst(field).find((key) => key.field === field);
    this.keys = [];
    if (field && first) takeBack(field, first.before);
    this.onScan(code);
  }

  /** The keys since the last pause; or all of them, where only all are a product's code: then the line had hiccups. */
  private burst(field: HTMLInputElement | null): readonly Key[] {
    const pause = this.keys.findLastIndex((key, index) => index > 0 && key.at - this.keys[index - 1]!.at > BREAK_MS);
    const [all, burst] = [this.keys, this.keys.slice(Math.max(0, pause))].map((keys) => (field ? digitsAtEnd(keys) : keys));
    return isGtin(textIn(all!)) && !isGtin(textIn(burst!)) ? all! : burst!;
  }
}

function textIn(keys: readonly Key[]): string {
  return keys.map((key) => key.text).join("");
}

/** In a field, letters before a code were typed by a hand that the scanner overtook. */
function digitsAtEnd(keys: readonly Key[]): readonly Key[] {
  return keys.slice(keys.findLastIndex((key) => !isDigits(key.text)) + 1);
}

function isMachine(keys: readonly Key[]): boolean {
  const [first, last] = [keys[0], keys.at(-1)];
  return keys.length > 1 && (last!.at - first!.at) / (keys.length - 1) <= MACHINE_MS;
}

/** A GTIN whose check digit is right. */
function isGtin(text: string): boolean {
  const sum = [...text].reverse().reduce((total, digit, index) => total + Number(digit) * (index % 2 ? 3 : 1), 0);
  return /^(\d{8}|\d{12,14})$/.test(text) && sum % 10 === 0;
}

function fieldOf(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement ? target : null;
}

function isDigits(text: string): boolean {
  return /^\d+$/.test(text);
}

function textOf(event: KeyboardEvent, isField: boolean): string | null {
  if (event.ctrlKey && event.key === "]") return GROUP_SEPARATOR;
  if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return null;
  // A scanner set to a US layout on a French host types digits that arrive as accents; the key itself tells.
  const digit = /^Digit(\d)$/.exec(event.code);
  if (digit && !event.shiftKey && !isField) return digit[1]!;
  return event.key;
}

/** What the scanner typed into a field that had the focus is no search text and no amount. */
function takeBack(field: HTMLInputElement, before: string): void {
  field.value = before;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
