import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Pushed, Refused } from "../wire/types";
import { lastEvent } from "./model";

/** What the server said when it was asked last: `data` stays when a later question fails, and `at` is its age. */
export interface Look<T> {
  readonly data: T | null;
  readonly at: number;
  readonly problem: Refused | "unreachable" | null;
}

const PATIENCE_MS = 10_000;

/** A list that is asked for over HTTP, not pushed. The last question wins; an answer that it overtook is dropped. */
export class Reading<T> {
  readonly look: Signal<Look<T>> = signal({ data: null, at: 0, problem: null });
  private asked = 0;

  constructor(private readonly path: string) {}

  async load(query = ""): Promise<void> {
    const turn = ++this.asked;
    const answer = await read<T>(`${this.path}${query}`);
    if (turn !== this.asked) return;
    this.look.value = "data" in answer ? { ...answer, at: Date.now(), problem: null } : { ...this.look.peek(), ...answer };
  }

  /** Forget: the next look begins with a blank page. */
  clear(): void {
    this.asked++;
    this.look.value = { data: null, at: 0, problem: null };
  }
}

/** Ask once. Never rejects: what went wrong is the answer. */
export async function read<T>(address: string): Promise<{ data: T } | { problem: Refused | "unreachable" }> {
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const body = (await answer.json()) as T | Refused;
    return answer.ok ? { data: body as T } : { problem: body as Refused };
  } catch {
    return { problem: "unreachable" };
  }
}

/** Keep a reading fresh while it is looked at: every so often, and whenever one of these events says that it is old.
 * `isAbout` narrows them: of all the scans of a store, only those of one basket.
 */
export function useReading<T>(
  reading: Reading<T>,
  every_ms: number,
  events: ReadonlySet<Pushed["type"]>,
  isAbout: (event: Pushed) => boolean = () => true,
): Look<T> {
  useEffect(() => {
    const timer = setInterval(() => void reading.load(), every_ms);
    const stop = lastEvent.subscribe((event) => {
      if (event !== null && events.has(event.type) && isAbout(event)) void reading.load();
    });
    void reading.load();
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [reading]);
  return reading.look.value;
}
