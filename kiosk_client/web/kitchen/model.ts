import { computed, signal } from "@preact/signals";
import { judge } from "../shell/Trouble";
import { chime } from "../shell/sound";
import { Link } from "../wire/link";
import type { KitchenEvent, KitchenScreen, KitchenState, Ticket } from "../wire/types";
import { reduceTickets } from "./reduce";

export const isRecalling = signal(false);

export const link = new Link<KitchenScreen>({
  screen: "kitchen",
  reduce: reduceTickets,
  onEvent: (event) => {
    if (event.type === "ticket_fired") chime();
  },
  onLateAnswer: (_order, reply) => void judge(reply),
});

export const JUST_MOVED_MS = 700;

const THEN: Record<KitchenEvent, KitchenState> = {
  start: "in_progress",
  bump: "ready",
  hand_over: "handed_over",
  recall: "in_progress",
  void: "voided",
};

const seenVoids = signal<ReadonlySet<string>>(new Set());

export interface Shown {
  ticket: Ticket;
  /** Somebody here has moved it, and the server has not said yes yet. */
  isPending: boolean;
}

/** The tickets as the cooks here have left them: a bump is drawn at once, and marked until it is confirmed. */
export const shown = computed<readonly Shown[]>(() => {
  const asked = new Map<string, KitchenState>();
  for (const { order } of link.outbox.waiting.value) {
    if (order.name === "move_ticket") asked.set(order.data.ticket_id, THEN[order.data.event]);
  }
  return (link.state.value?.tickets ?? []).flatMap((ticket) => {
    if (ticket.state === "voided" && seenVoids.value.has(ticket.ticket_id)) return [];
    const state = asked.get(ticket.ticket_id);
    if (state === "handed_over") return [];
    return [{ ticket: state ? { ...ticket, state } : ticket, isPending: state !== undefined }];
  });
});

/** The next thing a cook does with a ticket. */
export function nextEvent(ticket: Ticket): KitchenEvent {
  return ticket.state === "ready" ? "hand_over" : "bump";
}

export async function move(ticket: Ticket, event: KitchenEvent): Promise<void> {
  if (ticket.state === "voided") {
    seenVoids.value = new Set([...seenVoids.value, ticket.ticket_id]);
    return;
  }
  // Two cooks bump at once: the second one means the first one's bump, and not that the dish has left already.
  if (event === "hand_over" && link.now() - ticket.moved_at < JUST_MOVED_MS) return;
  judge(await link.send("move_ticket", { ticket_id: ticket.ticket_id, event }));
}

/** Keys 1 to 9 bump the ticket with that number on its corner. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const place = Number(event.key);
  const target = place >= 1 && place <= 9 ? shown.value[place - 1] : undefined;
  if (!target) return;
  // A bump waits its turn behind a start that is under way; only what would take the dish away waits for the answer.
  const next = nextEvent(target.ticket);
  if (!target.isPending || next === "bump") void move(target.ticket, next);
}
