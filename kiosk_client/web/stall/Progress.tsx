import { Button } from "../design/Button";
import { Icon, type IconName } from "../design/Icon";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { clock } from "../i18n/format";
import { t } from "../i18n/i18n";
import type { StallScreen } from "../wire/types";
import { changeOrder, finish, isOnline } from "./model";

interface Step {
  icon: IconName;
  text: string;
  isDone: boolean;
}

/** After the order: how it is doing, what is to pay, and what happens next. */
export function Progress({ state }: { state: StallScreen }) {
  const { basket, ticket, terminal, store } = state;
  const steps = stepsOf(state);
  const now = steps.findLastIndex((step) => step.isDone);
  const isPaid = basket?.state === "paid" || state.receipt !== null;
  const [headline, sentence] = said(state, isPaid);
  return (
    <main class="progressing">
      <section class="now">
        <h2>{headline}</h2>
        <p>{sentence}</p>
        {ticket && (
          <p class="ticket-number">
            {t("Your number")} <b class="number">{ticket.number}</b>
          </p>
        )}
        {!isPaid && (
          <p class="due">
            <span>{t("To pay")}</span> <Money cents={basket?.totals.due_cents ?? 0} />
          </p>
        )}
        {terminal.state === "ordered" && !basket?.is_released && (
          <Button icon="back" onPress={changeOrder} isDisabled={!isOnline.value}>
            {t("Change the order")}
          </Button>
        )}
        {terminal.state === "served" && (
          <Button look="filled large" onPress={finish}>
            {t("Done")}
          </Button>
        )}
      </section>
      <section class="bill" aria-label={t("Your order")}>
        <h3>
          {t("Ordered at {time}", { time: clock(basket?.opened_at ?? terminal.state_since, store.zone) })}
        </h3>
        <ul tabIndex={0}>
          {basket?.lines
            .filter((line) => !line.is_voided)
            .map((line) => (
              <li key={line.line_id}>
                <Line line={line} />
              </li>
            ))}
        </ul>
        <p class="sum">
          <span>{t("Total")}</span> <Money cents={basket?.totals.total_cents ?? 0} />
        </p>
      </section>
      <ol class="strip" aria-label={t("State of your order")}>
        {steps.map((step, index) => (
          <li key={step.text} class={step.isDone ? "done" : ""} aria-current={index === now ? "step" : undefined}>
            <Icon name={step.isDone ? "check" : step.icon} />
            {step.text}
          </li>
        ))}
      </ol>
    </main>
  );
}

function stepsOf({ terminal, ticket, basket }: StallScreen): Step[] {
  const kitchen = ticket?.state;
  const isServed = terminal.state === "served" || kitchen === "handed_over";
  const isReady = isServed || kitchen === "ready";
  const isStarted = isReady || kitchen === "in_progress";
  const isPaid = basket?.state === "paid";
  return [
    { icon: "check", text: t("Ordered"), isDone: true },
    { icon: "cash", text: t("Paid"), isDone: isPaid },
    { icon: "kitchen", text: t("Being prepared"), isDone: isStarted },
    { icon: "plate", text: t("Ready"), isDone: isReady },
    { icon: "stall", text: t("Brought to you"), isDone: isServed },
  ];
}

function said({ terminal, ticket, basket }: StallScreen, isPaid: boolean): [string, string] {
  if (terminal.state === "served") return [t("Enjoy your meal"), t("Thank you for coming. Touch Done when you have everything.")];
  if (ticket?.state === "ready") return [t("Your order is ready"), t("A carhop is on the way to you.")];
  if (ticket?.state === "in_progress") return [t("Your order is being prepared"), t("We bring it to your car as soon as it is ready.")];
  if (isPaid) return [t("Thank you"), t("Your order is paid, and the kitchen has it.")];
  if (basket?.is_released) return [t("The kitchen has your order"), t("Please pay the carhop when the food comes.")];
  return [t("A carhop is coming to you"), t("Please pay in cash; then the kitchen starts at once.")];
}
