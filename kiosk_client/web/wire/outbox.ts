import { signal } from "@preact/signals";
import { newKey } from "./key";
import type { CommandName, Commands, Order, Reply } from "./types";

/** What this page believes of an item that the server has not been asked about yet. Never more than a belief. */
export interface Guess {
  readonly name: string;
  /** Of one piece; null where we do not know it either. */
  readonly price_cents: number | null;
}

/** A command that the server has not answered yet. */
export interface Waiting {
  readonly order: Order;
  readonly since: number;
  /** Set once it was answered: the seq that shows its effect. */
  readonly settlesAt: number | null;
  /** Whether it has ever left this page. What has not may still be taken back. */
  readonly isSent?: boolean;
  /** The basket on the screen when it was asked, null where there was none. */
  readonly basketId?: string | null;
  readonly guess?: Guess;
}

type Resolve = (reply: Reply) => void;

/** More than anybody scans while a line is down; a scanner that repeats itself must not fill the storage. */
const MOST = 200;
/** What waited longer than this was another customer's. */
const STALE_AFTER_MS = 30 * 60 * 1_000;

/** Where the queue is written. `box`: it outlives the browser, for one box belongs to one customer after another. */
export type Keeping = "tab" | "box";

/**
 * What was asked and not answered. It lies in the browser's storage, so a reload loses nothing: the same commands go
 * out again with the same keys, and the server does each once. That is also why a tab may take over what it finds of
 * another one, closed or not: twice asked is once done.
 */
export class Outbox {
  readonly waiting = signal<readonly Waiting[]>([]);
  /** Found from an earlier load, and too old to be asked for. */
  readonly stale: readonly Waiting[];
  private readonly resolvers = new Map<string, Resolve>();
  private readonly storage: Storage | null;
  private readonly place: string;

  constructor(
    private readonly prefix: string,
    keeping: Keeping = "tab",
  ) {
    this.storage = keeping === "box" ? storageOf("localStorage") : storageOf("sessionStorage");
    this.place = keeping === "box" ? `${prefix}:${tabName()}` : prefix;
    const found = this.restore();
    const oldest = Date.now() - STALE_AFTER_MS;
    this.stale = keeping === "box" ? found.filter((entry) => entry.since < oldest) : [];
    this.change(found.filter((entry) => !this.stale.includes(entry)));
  }

  get isFull(): boolean {
    return this.unanswered().length >= MOST;
  }

  add<N extends CommandName>(name: N, data: Commands[N], resolve: Resolve, basketId: string | null = null): Order {
    const order = { key: newKey(), name, data } as Order;
    this.resolvers.set(order.key, resolve);
    this.change([...this.waiting.value, { order, since: Date.now(), settlesAt: null, basketId }]);
    return order;
  }

  /** Orders without an answer, oldest first. */
  unanswered(): Order[] {
    return this.waiting.value.filter((entry) => entry.settlesAt === null).map((entry) => entry.order);
  }

  find(key: string): Waiting | undefined {
    return this.waiting.value.find((entry) => entry.order.key === key);
  }

  isUnanswered(key: string): boolean {
    return this.find(key)?.settlesAt === null;
  }

  /** It leaves this page now: from here on only the server can say what became of it. */
  sent(key: string): void {
    if (!this.find(key)?.isSent) this.revise(key, { isSent: true });
  }

  believe(key: string, guess: Guess): void {
    this.revise(key, { guess });
  }

  /** Take back what never left this page. False: it may have been done. */
  drop(key: string): boolean {
    const entry = this.find(key);
    if (!entry || entry.isSent) return false;
    this.change(this.waiting.value.filter((other) => other !== entry));
    this.resolvers.delete(key);
    return true;
  }

  /** The answer came. A done command stays visible until the events up to its seq have been drawn. False: nobody here asked. */
  answer(key: string, reply: Reply, shownSeq: number): boolean {
    const settlesAt = reply.ok && reply.seq > shownSeq ? reply.seq : null;
    if (settlesAt === null) this.change(this.waiting.value.filter((entry) => entry.order.key !== key));
    else this.revise(key, { settlesAt });
    const resolve = this.resolvers.get(key);
    this.resolvers.delete(key);
    resolve?.(reply);
    return resolve !== undefined;
  }

  /** Everything up to `seq` is on the screen now. */
  shown(seq: number): void {
    const left = this.waiting.value.filter((entry) => entry.settlesAt === null || entry.settlesAt > seq);
    if (left.length !== this.waiting.value.length) this.change(left);
  }

  private revise(key: string, what: Partial<Waiting>): void {
    this.change(this.waiting.value.map((entry) => (entry.order.key === key ? { ...entry, ...what } : entry)));
  }

  private change(waiting: readonly Waiting[]): void {
    this.waiting.value = waiting;
    try {
      const kept = waiting.filter((entry) => entry.settlesAt === null);
      if (kept.length === 0) this.storage?.removeItem(this.place);
      else this.storage?.setItem(this.place, JSON.stringify(kept));
    } catch {
      // The storage is full: the queue then lives as long as the page.
    }
  }

  private restore(): Waiting[] {
    const found = new Map<string, Waiting>();
    for (const place of this.places()) {
      try {
        for (const entry of JSON.parse(this.storage?.getItem(place) ?? "[]") as Waiting[]) found.set(entry.order.key, entry);
      } catch {
        // Not ours, or torn: there is nothing in it that could be asked for.
      }
      if (place !== this.place) this.storage?.removeItem(place);
    }
    return [...found.values()].sort((one, other) => one.since - other.since);
  }

  private places(): string[] {
    return Object.keys(this.storage ?? {}).filter((place) => place === this.place || place.startsWith(`${this.prefix}:`));
  }
}

/** None in private mode and where it is switched off. */
function storageOf(name: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return globalThis[name];
  } catch {
    return null;
  }
}

/** One name a tab, for as long as it lives. */
function tabName(): string {
  const storage = storageOf("sessionStorage");
  const name = storage?.getItem("kiosk-tab") ?? newKey().slice(0, 8);
  storage?.setItem("kiosk-tab", name);
  return name;
}
