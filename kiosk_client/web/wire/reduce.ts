import { ASK_AGAIN } from "./stream";
import type { Basket, BasketOpened, Intervention, Line, Payment, Pushed, Ticket, Tile, Totals } from "./types";

// What several screens do with the same events. Nothing here computes money: totals come with the events.

/** The basket a screen shows, after an event about it; null when it is gone. */
export function basketAfter(basket: Basket | null, event: Pushed): Basket | null | typeof ASK_AGAIN {
  switch (event.type) {
    case "basket_opened":
      return opened(event.data);
    case "item_scanned":
    case "quantity_changed":
    case "line_voided":
    case "price_overridden":
      if (basket?.basket_id !== event.data.basket_id) return ASK_AGAIN;
      return withLines(basket, [event.data.line], event.data.totals);
    case "promotions_applied":
      if (basket?.basket_id !== event.data.basket_id) return ASK_AGAIN;
      return withLines(basket, event.data.lines, event.data.totals);
    case "coupon_taken":
      if (basket?.basket_id !== event.data.basket_id) return ASK_AGAIN;
      return { ...basket, coupons: [...basket.coupons, event.data.coupon] };
    case "coupon_returned": {
      const { basket_id, code } = event.data;
      if (basket?.basket_id !== basket_id) return basket;
      return { ...basket, coupons: basket.coupons.filter((held) => held.code !== code) };
    }
    case "payment_moved":
      return basket?.basket_id === event.data.basket_id ? withPayment(basket, event.data.payment, event.data.due_cents) : basket;
    case "basket_resumed":
      return ASK_AGAIN; // its lines were somewhere else
    case "tender_started":
      return changed(basket, event.data.basket_id, { state: "tendering", tender: event.data.tender });
    case "tender_left":
      return changed(basket, event.data.basket_id, { state: "open", tender: null });
    case "order_released":
      return changed(basket, event.data.basket_id, { is_released: true });
    case "basket_paid":
      return changed(basket, event.data.basket_id, { state: "paid", receipt_number: event.data.receipt.number });
    case "basket_voided":
    case "basket_suspended":
      return basket?.basket_id === event.data.basket_id ? null : basket;
    default:
      return basket;
  }
}

function opened({ basket_id, terminal, day, opened_at, is_training = false }: BasketOpened): Basket {
  return {
    basket_id,
    terminal,
    state: "open",
    lines: [],
    totals: { items: 0, total_cents: 0, due_cents: 0, saved_cents: 0 },
    opened_at,
    day,
    tender: null,
    is_released: false,
    receipt_number: null,
    coupons: [],
    payments: [],
    refund_of: null,
    reason: "",
    by: "",
    is_training,
  };
}

function changed(basket: Basket | null, id: string, what: Partial<Basket>): Basket | null {
  return basket?.basket_id === id ? { ...basket, ...what } : basket;
}

function withLines(basket: Basket, changedLines: readonly Line[], totals: Totals): Basket {
  const byId = new Map(basket.lines.map((line) => [line.line_id, line]));
  for (const line of changedLines) byId.set(line.line_id, line);
  return { ...basket, lines: [...byId.values()], totals };
}

function withPayment(basket: Basket, payment: Payment, due_cents: number): Basket {
  const byId = new Map((basket.payments ?? []).map((known) => [known.payment_id, known]));
  byId.set(payment.payment_id, payment);
  return { ...basket, payments: [...byId.values()], totals: { ...basket.totals, due_cents } };
}

/** Open interventions, oldest first. */
export function interventionsAfter(open: readonly Intervention[], event: Pushed): readonly Intervention[] {
  if (event.type === "intervention_raised") {
    const { intervention } = event.data;
    return [...open.filter((known) => known.intervention_id !== intervention.intervention_id), intervention];
  }
  if (event.type === "intervention_resolved") {
    return open.filter((known) => known.intervention_id !== event.data.intervention_id);
  }
  if (event.type === "intervention_claimed") {
    const { intervention_id, by, claimed_at } = event.data;
    return open.map((known) => (known.intervention_id === intervention_id ? { ...known, claimed_by: by, claimed_at } : known));
  }
  if (event.type === "intervention_revised") {
    const { intervention_id, evidence } = event.data;
    return open.map((known) => (known.intervention_id === intervention_id ? { ...known, evidence } : known));
  }
  return open;
}

/** One terminal as the floor plan and its own header show it. Events about other terminals leave it alone. */
export function tileAfter(tile: Tile, event: Pushed): Tile {
  if (event.data.terminal !== tile.name) return tile;
  switch (event.type) {
    case "terminal_moved":
      return { ...tile, state: event.data.state, state_since: event.data.since };
    case "training_switched":
      return { ...tile, is_training: event.data.is_on };
    case "basket_opened":
      return { ...tile, basket_id: event.data.basket_id, items: 0, total_cents: 0 };
    case "item_scanned":
    case "quantity_changed":
    case "line_voided":
    case "price_overridden":
    case "promotions_applied": {
      const { items, total_cents } = event.data.totals;
      return { ...tile, basket_id: event.data.basket_id, items, total_cents };
    }
    case "basket_voided":
    case "basket_suspended":
    case "basket_paid":
      return tile.basket_id === event.data.basket_id ? { ...tile, basket_id: null, items: 0, total_cents: 0 } : tile;
    case "pump_moved": {
      const hasMoved = tile.point?.state !== event.data.point.state;
      return { ...tile, point: event.data.point, state_since: hasMoved ? event.at : tile.state_since };
    }
    default:
      return tile;
  }
}

/** Tickets of the kitchen, after one was fired or moved. `moved` is the ticket itself, wherever it goes. */
export function ticketAfter(ticket: Ticket, event: Pushed): Ticket {
  if (event.type !== "ticket_moved" || event.data.ticket_id !== ticket.ticket_id) return ticket;
  return { ...ticket, state: event.data.state, moved_at: event.data.moved_at, moved_by: event.data.by };
}
