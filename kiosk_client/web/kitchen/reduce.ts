import { ticketAfter } from "../wire/reduce";
import type { KitchenScreen, Pushed, Ticket } from "../wire/types";

const RECALLABLE = 10;

/** The tickets of the kitchen and of the customers' board after an event. */
export function reduceTickets(state: KitchenScreen, event: Pushed): KitchenScreen {
  switch (event.type) {
    case "ticket_fired":
      return { ...state, tickets: byAge([...without(state.tickets, event.data.ticket.ticket_id), event.data.ticket]) };
    case "ticket_moved":
      return moved(state, event);
    default:
      return state;
  }
}

function moved(state: KitchenScreen, event: Pushed & { type: "ticket_moved" }): KitchenScreen {
  const { ticket_id } = event.data;
  const before = [...state.tickets, ...state.recallable].find((ticket) => ticket.ticket_id === ticket_id);
  if (!before) return state;
  const ticket = ticketAfter(before, event);
  const tickets = without(state.tickets, ticket_id);
  const recallable = without(state.recallable, ticket_id);
  if (ticket.state === "handed_over") return { ...state, tickets, recallable: [ticket, ...recallable].slice(0, RECALLABLE) };
  // A voided ticket stays, struck through, until a cook has seen it.
  return { ...state, tickets: byAge([...tickets, ticket]), recallable };
}

function without(tickets: readonly Ticket[], id: string): readonly Ticket[] {
  return tickets.filter((ticket) => ticket.ticket_id !== id);
}

function byAge(tickets: readonly Ticket[]): readonly Ticket[] {
  return [...tickets].sort((one, other) => one.fired_at - other.fired_at || one.number - other.number);
}
