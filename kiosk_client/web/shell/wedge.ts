// A barcode scanner is a keyboard wedge: it types the code in a burst and ends it with Enter (or Tab, or nothing).
// Keys are caught at the window before any widget sees them, and timed by the system's clock of the key itself:
// however busy the page is with drawing, no scan is lost and none is taken for typing.

const BURST_GAP_MS = 60; // a scanner types faster than any hand
const TYPING_GAP_MS = 2_000; // a person who keys a code on a keyboard
const SILENCE_MS = 150; // the end of a burst that has no Enter
const SHORTEST = { typed: 3, burst: 4, silent: 6, inField: 8 };
const GROUP_SEPARATOR = "\x1d"; // GS1's FNC1, which wedges send as Ctrl+]

interface Key {
  readonly text: string;
  readonly at: number;
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
      if (this.isCode(field, event.key)) this.finish(event, field);
      this.keys = [];
      return;
    }
    const text = textOf(event, field !== null);
    if (text === null) return;
    const last = this.keys.at(-1);
    if (last && event.timeStamp - last.at > TYPING_GAP_MS) this.keys = [];
    this.keys.push({ text, at: event.timeStamp });
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.onSilence(field), SILENCE_MS);
  }

  private onSilence(field: HTMLInputElement | null): void {
    const burst = this.burst();
    const isCode = field ? isDigits(burst) && burst.length >= SHORTEST.inField : burst.length >= SHORTEST.silent;
    if (!isCode || burst.length !== this.keys.length) return;
    this.finish(null, field);
    this.keys = [];
  }

  private isCode(field: HTMLInputElement | null, end: string): boolean {
    const burst = this.burst();
    if (field) return isDigits(burst) && burst.length >= SHORTEST.inField;
    if (burst.length >= SHORTEST.burst) return true;
    return end === "Enter" && this.keys.length >= SHORTEST.typed && isDigits(this.text());
  }

  private finish(event: KeyboardEvent | null, field: HTMLInputElement | null): void {
    // The Enter of a scanner must not press the button that happens to have the focus.
    event?.preventDefault();
    event?.stopImmediatePropagation();
    clearTimeout(this.silence);
    const burst = this.burst();
    const code = burst.length >= SHORTEST.burst ? burst : this.text();
    if (field) takeBack(field, code);
    this.onScan(code);
  }

  private text(): string {
    return this.keys.map((key) => key.text).join("");
  }

  /** The keys at the end that came as fast as only a scanner types. */
  private burst(): string {
    let start = this.keys.length - 1;
    while (start > 0 && this.keys[start]!.at - this.keys[start - 1]!.at <= BURST_GAP_MS) start--;
    return this.keys.slice(Math.max(0, start)).map((key) => key.text).join("");
  }
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

/** What the scanner typed into a field that had the focus is no search text. */
function takeBack(field: HTMLInputElement, code: string): void {
  if (!field.value.endsWith(code)) return;
  field.value = field.value.slice(0, -code.length);
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
