import { useEffect, useState } from "preact/hooks";
import { Age, tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { Sheet } from "../design/Sheet";
import { Ticket } from "../design/Ticket";
import { clock, terminalName } from "../i18n/format";
import { t, tn } from "../i18n/i18n";
import { Connection } from "../shell/Connection";
import { RefusedBanner } from "../shell/Trouble";
import { isSoundOn, switchSound } from "../shell/sound";
import type { KitchenScreen, Ticket as KitchenTicket } from "../wire/types";
import { JUST_MOVED_MS, type Shown, isRecalling, link, move, nextEvent, shown } from "./model";

/** The kitchen: tickets from left to right, oldest first; what is to be made in all at the foot. */
export function Kitchen({ state }: { state: KitchenScreen }) {
  const now = tick.value - Date.now() + link.now();
  const tickets = shown.value;
  const open = tickets.filter(({ ticket }) => ticket.state === "new" || ticket.state === "in_progress");
  return (
    <div class="kitchen">
      <header class="top">
        <h1>{terminalName(state.terminal.name)}</h1>
        <p>{tn("{n} order to make", "{n} orders to make", open.length)}</p>
        <p>{tn("{n} ready", "{n} ready", tickets.filter(({ ticket }) => ticket.state === "ready").length)}</p>
        <Button
          look="plain"
          icon={isSoundOn.value ? "sound" : "silent"}
          label={t("Chime")}
          isPressed={isSoundOn.value}
          onPress={() => switchSound(!isSoundOn.value)}
        />
        <time class="number">{clock(now, state.store.zone)}</time>
      </header>
      <div class="messages">
        <Connection link={link} />
        <RefusedBanner />
      </div>
      <main class="tickets" aria-label={t("Orders")}>
        {tickets.map((entry, index) => (
          <OpenTicket key={entry.ticket.ticket_id} entry={entry} place={index + 1} now={now} />
        ))}
        {tickets.length === 0 && (
          <div class="whole">
            <Icon name="kitchen" />
            <h2>{t("Nothing to make")}</h2>
            <p>{t("New orders appear here with a chime.")}</p>
          </div>
        )}
      </main>
      <footer class="bottom">
        <AllDay tickets={open.map(({ ticket }) => ticket)} />
        <Button icon="recall" onPress={() => void (isRecalling.value = true)} isDisabled={state.recallable.length === 0}>
          {t("Recall")}
        </Button>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
      {isRecalling.value && <RecallSheet tickets={state.recallable} />}
    </div>
  );
}

/** Whether a ticket has stood still long enough that a press means it, and not the state before. */
function useSettled(ticket: KitchenTicket): boolean {
  const [isSettled, setSettled] = useState(true);
  useEffect(() => {
    const left_ms = ticket.state === "ready" ? JUST_MOVED_MS - (link.now() - ticket.moved_at) : 0;
    setSettled(left_ms <= 0);
    const timer = setTimeout(() => setSettled(true), left_ms);
    return () => clearTimeout(timer);
  }, [ticket.state, ticket.moved_at]);
  return isSettled;
}

function OpenTicket({ entry, place, now }: { entry: Shown; place: number; now: number }) {
  const { ticket, isPending } = entry;
  const isSettled = useSettled(ticket);
  return (
    <Ticket ticket={ticket} age_ms={Math.max(0, now - ticket.fired_at)} place={place} isPending={isPending}>
      <footer>
        {ticket.state === "new" && (
          <Button onPress={() => move(ticket, "start")} isDisabled={isPending}>
            {t("Start")}
          </Button>
        )}
        {ticket.state === "ready" && (
          <Button icon="recall" label={t("Back to making")} onPress={() => move(ticket, "recall")} isDisabled={isPending} />
        )}
        <Button
          look="main"
          icon="check"
          onPress={() => move(ticket, nextEvent(ticket))}
          isDisabled={isPending || !isSettled}
          {...(place <= 9 ? { keys: String(place) } : {})}
        >
          {ticket.state === "voided" ? t("Seen") : ticket.state === "ready" ? t("Handed over") : t("Ready")}
        </Button>
      </footer>
    </Ticket>
  );
}

/** How many of each dish are to be made in all: what to put on the grill together. */
function AllDay({ tickets }: { tickets: readonly KitchenTicket[] }) {
  const counts = new Map<string, number>();
  for (const line of tickets.flatMap((ticket) => ticket.lines)) {
    counts.set(line.name, (counts.get(line.name) ?? 0) + line.quantity);
  }
  const rows = [...counts].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
  return (
    <ul class="all-day" aria-label={t("To make in all")} tabIndex={0}>
      {rows.map(([name, count]) => (
        <li key={name}>
          <b class="number">{count}</b> {name}
        </li>
      ))}
    </ul>
  );
}

function RecallSheet({ tickets }: { tickets: readonly KitchenTicket[] }) {
  const close = () => void (isRecalling.value = false);
  return (
    <Sheet title={t("Recall an order")} onClose={close}>
      <ul class="recalls">
        {tickets.map((ticket) => (
          <li key={ticket.ticket_id}>
            <Button icon="recall" onPress={() => move(ticket, "recall").then(close)}>
              <b class="number">{ticket.number}</b>
              <span>{terminalName(ticket.terminal)}</span>
              <small>{ticket.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ")}</small>
            </Button>
          </li>
        ))}
      </ul>
      {tickets.length === 0 && <p class="hint">{t("Nothing was handed over yet.")}</p>}
    </Sheet>
  );
}
