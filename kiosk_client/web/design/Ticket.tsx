import type { ComponentChildren } from "preact";
import { waited } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { Ticket as KitchenTicket } from "../wire/types";
import { terminalName } from "../i18n/format";

const SLOW_AFTER_MS = 5 * 60_000;
const LATE_AFTER_MS = 10 * 60_000;

/** How urgent a ticket is, as a colour that always comes with its age in figures. */
export function urgency(age_ms: number): "good" | "wait" | "stop" {
  if (age_ms >= LATE_AFTER_MS) return "stop";
  return age_ms >= SLOW_AFTER_MS ? "wait" : "good";
}

interface TicketProps {
  ticket: KitchenTicket;
  age_ms: number;
  place?: number;
  isPending?: boolean;
  children?: ComponentChildren;
}

/** An order as a cook reads it: whose, how old, and large lines with what changes the dish. */
export function Ticket({ ticket, age_ms, place, isPending = false, children }: TicketProps) {
  const isVoided = ticket.state === "voided";
  return (
    <article
      class={`ticket is-${ticket.state} ${urgency(age_ms)} ${isPending ? "pending" : ""}`}
      aria-label={t("Order {number}", { number: ticket.number })}
    >
      <header>
        <b class="number">{ticket.number}</b>
        <span class="where">{terminalName(ticket.terminal)}</span>
        <time class="number">{waited(age_ms)}</time>
        {place !== undefined && place <= 9 && <kbd aria-hidden="true">{place}</kbd>}
      </header>
      <progress class="sr" max={LATE_AFTER_MS} value={Math.min(age_ms, LATE_AFTER_MS)} aria-label={t("Age of the order")} />
      <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width={Math.min(100, (age_ms / LATE_AFTER_MS) * 100)} height="1" />
      </svg>
      {ticket.state === "in_progress" && <p class="state">{t("Being prepared")}</p>}
      {isVoided && <p class="void">{t("Cancelled: do not make this")}</p>}
      <ul>
        {ticket.lines.map((line) => (
          <li key={line.line_id}>
            <b class="number">{line.quantity}</b>
            <span>
              {isVoided ? <s>{line.name}</s> : line.name}
              {line.modifiers.map((modifier) => (
                <strong key={modifier}>{modifier}</strong>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {children}
    </article>
  );
}
