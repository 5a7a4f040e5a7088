import { signal } from "@preact/signals";
import { newKey } from "./key";
import type { CommandName, Commands, Order, Reply } from "./types";

/** A command that the server has not answered yet. `settlesAt` is set once it has: the seq that shows its effect. */
export interface Waiting {
  readonly order: Order;
  readonly since: number;
  readonly settlesAt: number | null;
}

type Resolve = (reply: Reply) => void;

/**
 * What was asked and not answered. It lives in sessionStorage, so a reload loses nothing: the same commands go out
 * again with the same keys, and the server does each once.
 */
export class Outbox {
  readonly waiting = signal<readonly Waiting[]>([]);
  private readonly resolvers = new Map<string, Resolve>();

  constructor(private readonly place: string) {
    this.waiting.value = this.restore();
  }

  add<N extends CommandName>(name: N, data: Commands[N], resolve: Resolve): Order {
    const order = { key: newKey(), name, data } as Order;
    this.resolvers.set(order.key, resolve);
    this.change([...this.waiting.value, { order, since: Date.now(), settlesAt: null }]);
    return order;
  }

  /** Orders without an answer, oldest first. */
  unanswered(): Order[] {
    return this.waiting.value.filter((entry) => entry.settlesAt === null).map((entry) => entry.order);
  }

  isUnanswered(key: string): boolean {
    return this.waiting.value.some((entry) => entry.order.key === key && entry.settlesAt === null);
  }

  /** The answer came. A done command stays visible until the events up to its seq have been drawn. False: nobody here asked. */
  answer(key: string, reply: Reply, shownSeq: number): boolean {
    const settlesAt = reply.ok && reply.seq > shownSeq ? reply.seq : null;
    this.change(
      settlesAt === null
        ? this.waiting.value.filter((entry) => entry.order.key !== key)
        : this.waiting.value.map((entry) => (entry.order.key === key ? { ...entry, settlesAt } : entry)),
    );
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

  private change(waiting: readonly Waiting[]): void {
    this.waiting.value = waiting;
    try {
      const kept = waiting.filter((entry) => entry.settlesAt === null);
      if (kept.length === 0) sessionStorage.removeItem(this.place);
      else sessionStorage.setItem(this.place, JSON.stringify(kept));
    } catch {
      // No storage (private mode, full): the queue then lives as long as the page.
    }
  }

  private restore(): Waiting[] {
    try {
      return JSON.parse(sessionStorage.getItem(this.place) ?? "[]") as Waiting[];
    } catch {
      return [];
    }
  }
}
