import { type Signal, signal } from "@preact/signals";
import { type Socket, io } from "socket.io-client";
import { Outbox, type Waiting } from "./outbox";
import { type Reduce, Stream, UnknownEvent, type Verdict } from "./stream";
import type { CommandName, Commands, Live, Notice, Order, Pushed, RefusalCode, Reply, Resynced, ScreenName, Snapshot } from "./types";

/** `late`: connected, but nothing was heard for longer than two heartbeats. `refused`: the server knows us not. */
export type Status = "connecting" | "live" | "late" | "offline" | "refused";

/** Why the server did not let this page in. */
export interface Turned {
  code: RefusalCode;
  message: string;
}

const LATE_AFTER_MS = 4_500;
const OPENS_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 8_000;
const FAULT_SHOWN_MS = 15_000;
const BACKOFF_MS = { least: 500, most: 5_000 };
const TRY_AGAIN: ReadonlySet<RefusalCode> = new Set(["busy", "too_many"]);
const QUEUE_FULL: Reply = { ok: false, code: "busy", message: "Too much waits for the server. Nothing was added." };
/** What was asked for a basket that somebody took back, paid or carried away while the line was down. */
export const BASKET_GONE: Reply = { ok: false, code: "not_found", message: "Its basket is gone. Nothing was done." };

export interface LinkOptions<S> {
  screen: ScreenName;
  reduce: Reduce<S>;
  /** Called after an event was drawn: for sounds and for what a snapshot must not repeat. */
  onEvent?: (event: Pushed, state: S) => void;
  /** The answer to a command that an earlier load of this page had sent. */
  onLateAnswer?: (order: Order, reply: Reply) => void;
  /** Every answer, before whoever asked hears it. */
  onAnswer?: (waiting: Waiting, reply: Reply) => void;
  /** The basket on the screen; what is asked for remembers it. */
  basketOf?: (state: S | null) => string | null;
  /**
   * This box belongs to one customer after another: what they ask for is done one by one in the order in which it was
   * asked, and outlives the browser. Elsewhere nothing may wait for anything: a stop of a pump least of all.
   */
  isBox?: boolean;
}

/** One page's connection to the server: what it knows, how old that is, and the way to ask for something. */
export class Link<S> {
  readonly state = signal<S | null>(null);
  readonly status = signal<Status>("connecting");
  readonly refusal = signal<Turned | null>(null);
  readonly fault = signal<string | null>(null);
  readonly notice = signal<Notice | null>(null);
  readonly heardAt = signal(Date.now());
  readonly outbox: Outbox;
  private readonly stream: Stream<S>;
  private readonly socket: Socket;
  private readonly live = new Map<string, Signal<unknown>>();
  private readonly build = document.documentElement.dataset["build"] ?? "";
  private attempts = 0;
  /** What the server's clock is ahead of ours, ms. */
  clockOffset = 0;
  private isResyncing = false;
  private retry = 0;
  /** Of a box: the order that is on its way; the others wait for its answer. */
  private flying: string | null = null;
  /** When the last whole state came. */
  private shownSince = 0;

  constructor(private readonly options: LinkOptions<S>) {
    this.outbox = new Outbox(`kiosk-outbox:${options.screen}`, options.isBox ? "box" : "tab");
    this.stream = new Stream(options.reduce, (event, state) => options.onEvent?.(event, state));
    this.socket = io({
      path: "/socket.io",
      transports: ["websocket"],
      timeout: OPENS_WITHIN_MS, // a line that opens and closes again without a word is told of by nothing else
      reconnection: false, // our own back-off has full jitter, and knows a refusal from a dead line
      auth: { build: this.build, screen: options.screen },
    });
    this.listen();
    setInterval(() => this.judgeAge(), 500);
    addEventListener("online", () => this.reconnectNow());
    addEventListener("pageshow", () => this.reconnectNow());
  }

  /** The server's clock, ms since 1970 UTC. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  /** The latest value of a live topic since the last whole state; it appears with the first reading. */
  topic<T>(name: string): Signal<T | null> {
    let found = this.live.get(name);
    if (!found) this.live.set(name, (found = signal<unknown>(null)));
    return found as Signal<T | null>;
  }

  /** Ask for something. It is asked again after every reconnect and reload until there is an answer. */
  send<N extends CommandName>(name: N, data: Commands[N]): Promise<Reply> {
    if (this.outbox.isFull) return Promise.resolve(QUEUE_FULL);
    const basketId = this.options.basketOf?.(this.state.peek()) ?? null;
    return new Promise((resolve) => this.dispatch(this.outbox.add(name, data, resolve, basketId)));
  }

  /** What was on the screen before a reload, until the server says how it is now. */
  revive(state: S, heardAt: number): void {
    if (this.state.peek() !== null) return;
    this.heardAt.value = heardAt;
    this.state.value = state;
  }

  /** Ask for the whole state again. */
  refresh(): void {
    this.stream.pause();
    this.socket.disconnect();
    this.connectSoon();
  }

  private listen(): void {
    const { socket } = this;
    socket.on("connect", () => this.onConnect());
    socket.on("disconnect", () => this.onDown());
    socket.on("connect_error", (error) => this.onDown(error as Error & { data?: Turned }));
    socket.on("snapshot", (snapshot: Snapshot<S>) => this.onSnapshot(snapshot));
    socket.on("event", (event: Pushed) => this.take(() => this.stream.push(event)));
    socket.on("live", ({ topic, data }: Live) => {
      this.topic(topic).value = data;
    });
    socket.on("notice", (notice: Notice) => {
      this.notice.value = notice;
      if (notice.kind === "reload") this.reloadOnce(String(Date.now()));
    });
    socket.io.on("open", () => socket.io.engine.on("packet", () => this.heard()));
  }

  private onConnect(): void {
    this.attempts = 0;
    this.refusal.value = null;
    this.isResyncing = false;
    this.notice.value = null;
    this.heard();
  }

  private onSnapshot(snapshot: Snapshot<S>): void {
    this.clockOffset = snapshot.now - Date.now();
    if (snapshot.build && this.build && snapshot.build !== this.build) this.reloadOnce(snapshot.build);
    this.take(() => this.stream.restart(snapshot));
    // A reading is sent when it changes, and what changed while the line was down nobody told us: the state is newer.
    this.live.forEach((topic) => (topic.value = null));
    this.shownSince = Date.now();
    this.heard();
    // Only now: the answers of what we ask again must not overtake the state they belong to.
    for (const order of this.outbox.unanswered()) this.dispatch(order);
  }

  private onDown(error?: Error & { data?: Turned }): void {
    const refusal = error?.data ?? null;
    this.flying = null;
    this.refusal.value = refusal;
    this.status.value = refusal ? "refused" : "offline";
    this.connectSoon();
  }

  private connectSoon(): void {
    clearTimeout(this.retry);
    const most = Math.min(BACKOFF_MS.most, 2 * BACKOFF_MS.least * 2 ** this.attempts++);
    const pause = BACKOFF_MS.least + Math.random() * (most - BACKOFF_MS.least);
    this.retry = window.setTimeout(() => this.socket.connect(), pause);
  }

  private reconnectNow(): void {
    if (this.socket.connected || this.attempts === 0) return;
    clearTimeout(this.retry);
    this.socket.connect();
  }

  /** Apply something to the stream and draw the result; whatever does not fit leads to a fresh state. */
  private take(apply: () => Verdict): void {
    let verdict: Verdict;
    try {
      verdict = apply();
    } catch (error) {
      // Nothing is drawn over what we did not understand; people see that it happened, and the state comes whole.
      console.error(error);
      this.fault.value = error instanceof UnknownEvent ? error.event.type : String(error);
      setTimeout(() => (this.fault.value = null), FAULT_SHOWN_MS);
      this.refresh();
      return;
    }
    if (verdict === "unclear") this.refresh();
    if (verdict === "gap") this.resync();
    if (this.stream.state !== null && this.stream.state !== this.state.peek()) this.state.value = this.stream.state;
    this.outbox.shown(this.stream.seq);
  }

  private resync(): void {
    if (this.isResyncing) return;
    this.isResyncing = true;
    this.socket.timeout(ANSWER_WITHIN_MS).emit("resync", { seq: this.stream.seq }, (error: Error | null, answer: Resynced<S>) => {
      this.isResyncing = false;
      if (error || !("snapshot" in answer || "events" in answer)) this.refresh();
      else if ("snapshot" in answer) this.onSnapshot(answer.snapshot);
      else this.take(() => this.stream.fill(answer.events));
    });
  }

  private dispatch(order: Order): void {
    if (!this.options.isBox) this.emit(order);
    else if (this.flying === null || !this.outbox.isUnanswered(this.flying)) this.emitNext();
  }

  private emitNext(): void {
    const next = this.outbox.unanswered()[0];
    if (!next) return;
    if (this.isForNothing(next)) this.answered(next, BASKET_GONE);
    else if (this.emit(next)) this.flying = next.key;
  }

  /** It waited for the line to come back, and the basket that it was meant for is not here any more. */
  private isForNothing(order: Order): boolean {
    const entry = this.outbox.find(order.key);
    if (!entry?.basketId || entry.isSent || entry.since >= this.shownSince || this.stream.state === null) return false;
    return entry.basketId !== this.options.basketOf?.(this.stream.state);
  }

  /** False: not connected, so it waits in the outbox. Socket.IO's own buffer would send it a second time. */
  private emit(order: Order): boolean {
    if (!this.socket.connected || this.stream.state === null) return false;
    this.outbox.sent(order.key);
    this.socket.timeout(ANSWER_WITHIN_MS).emit("command", order, (error: Error | null, reply: Reply) => {
      if (!this.outbox.isUnanswered(order.key)) return;
      if (error) {
        this.emit(order);
      } else if (!reply.ok && TRY_AGAIN.has(reply.code)) {
        const pause = Number(reply.details?.["retry_after_s"] ?? 0.5) * 1_000;
        setTimeout(() => this.emit(order), pause + Math.random() * 500);
      } else {
        this.answered(order, reply);
      }
    });
    return true;
  }

  private answered(order: Order, reply: Reply): void {
    const waiting = this.outbox.find(order.key);
    if (waiting) this.options.onAnswer?.(waiting, reply);
    const wasOurs = this.outbox.answer(order.key, reply, this.stream.seq);
    if (!wasOurs) this.options.onLateAnswer?.(order, reply);
    // The events of a command may go to another audience only; its trace must not stay for ever.
    if (reply.ok) setTimeout(() => this.outbox.shown(reply.seq), 1_500);
    if (this.options.isBox) this.emitNext();
  }

  private heard(): void {
    this.heardAt.value = Date.now();
    if (this.socket.connected && this.stream.state !== null) this.status.value = "live";
  }

  private judgeAge(): void {
    if (this.status.value === "live" && Date.now() - this.heardAt.value > LATE_AFTER_MS) this.status.value = "late";
  }

  /** A newer build is there. Never twice for the same one: a proxy that caches must not make us reload for ever. */
  private reloadOnce(build: string): void {
    try {
      if (sessionStorage.getItem("kiosk-reloaded-for") === build) return;
      sessionStorage.setItem("kiosk-reloaded-for", build);
    } catch {
      return;
    }
    location.reload();
  }
}
