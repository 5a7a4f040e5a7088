import "./pickup.css";
import { signal } from "@preact/signals";
import { Age } from "../design/Age";
import { clock } from "../i18n/format";
import { t } from "../i18n/i18n";
import { reduceTickets } from "../kitchen/reduce";
import { Connection } from "../shell/Connection";
import { chime } from "../shell/sound";
import { start } from "../shell/start";
import { Link } from "../wire/link";
import type { KitchenScreen } from "../wire/types";
import { tick } from "../design/Age";

const lastReady = signal<string | null>(null);

const link = new Link<KitchenScreen>({
  screen: "pickup",
  reduce: reduceTickets,
  onEvent: (event) => {
    if (event.type !== "ticket_moved" || event.data.state !== "ready") return;
    lastReady.value = event.data.ticket_id;
    chime();
  },
});

/** The customers' board: whose order is being made, and whose is ready. */
function Board({ state }: { state: KitchenScreen }) {
  const making = state.tickets.filter((ticket) => ticket.state === "new" || ticket.state === "in_progress");
  const ready = state.tickets.filter((ticket) => ticket.state === "ready").reverse();
  return (
    <div class="board">
      <header>
        <h1>{state.store.name}</h1>
        <time class="number">{clock(tick.value - Date.now() + link.now(), state.store.zone)}</time>
      </header>
      <Connection link={link} />
      <main>
        <section>
          <h2>{t("Being prepared")}</h2>
          <ol>
            {making.map((ticket) => (
              <li key={ticket.ticket_id} class="number">
                {ticket.number}
              </li>
            ))}
          </ol>
        </section>
        <section class="ready" aria-live="polite">
          <h2>{t("Ready")}</h2>
          <ol>
            {ready.map((ticket) => (
              <li key={ticket.ticket_id} class={ticket.ticket_id === lastReady.value ? "number new" : "number"}>
                {ticket.number}
              </li>
            ))}
          </ol>
        </section>
      </main>
      <footer>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
    </div>
  );
}

void start(link, Board);
