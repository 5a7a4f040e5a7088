import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Light } from "../design/Light";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { Deeds } from "./Network";
import { lastEvent } from "./model";
import { type Explanation, reasonText } from "./networks";
import { problemText } from "./parts";
import { read } from "./reads";
import { sentence } from "./sentences";
import { roleWord } from "./words";

type Answer = Awaited<ReturnType<typeof read<Explanation>>>;

const typed = signal("");
const answer = signal<Answer | null>(null);

/** Would an address get in, and as what? Asking changes nothing. */
export function Test() {
  useEffect(
    () =>
      lastEvent.subscribe((event) => {
        if (event?.type === "network_ordered" || event?.type === "network_lifted") void askAgain();
      }),
    [],
  );
  return (
    <section class="card" aria-label={t("Would it get in?")}>
      <h3>{t("Would it get in?")}</h3>
      <form
        class="asks-one"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <input
          class="field number"
          dir="ltr"
          value={typed.value}
          placeholder="10.1.2.3"
          maxLength={64}
          spellcheck={false}
          autocomplete="off"
          aria-label={t("An address, such as 10.1.2.3")}
          onInput={(event) => void (typed.value = event.currentTarget.value)}
        />
        <Button onPress={ask} isDisabled={!typed.value.trim()}>
          {t("Check")}
        </Button>
      </form>
      <div aria-live="polite">{answer.value && <Said of={answer.value} />}</div>
    </section>
  );
}

async function ask(): Promise<void> {
  const address = typed.peek().trim();
  if (!address) return;
  const found = await read<Explanation>(`/api/v1/network/explain?address=${encodeURIComponent(address)}`);
  if (typed.peek().trim() === address) answer.value = found;
}

/** An order has changed what the answer is. */
async function askAgain(): Promise<void> {
  if (answer.peek() !== null) await ask();
}

function Said({ of }: { of: Answer }) {
  if ("problem" in of) {
    const { problem } = of;
    return <Banner tone="wait" icon="alert" text={problem === "unreachable" ? problemText(problem) : refusalText(problem)} />;
  }
  const { data } = of;
  const zones = (names: readonly string[]) => names.map(roleWord).join(", ");
  return (
    <div class="verdict">
      <Light tone={data.would_get_in ? "good" : "stop"} word={data.would_get_in ? t("It would get in.") : t("It would be turned away.")} />
      <p>
        {data.reason !== null && reasonText(data.reason)}
        {data.is_own_machine && t("It is this server itself.")}{" "}
        {data.would_get_in && data.is_proxy && t("It is a trusted proxy, and is judged by whom it speaks for.")}{" "}
        {data.would_get_in && data.network !== null && t("It belongs to {network}.", { network: data.network })}{" "}
        {data.closed_zones.length > 0 && data.would_get_in && t("Closed to it: {zones}.", { zones: zones(data.closed_zones) })}
        {data.closed_zones.length === 0 && data.would_get_in && t("Every screen is open to it, once it is paired or signed in.")}
      </p>
      <details>
        <summary>{t("How this is decided")}</summary>
        <ol>
          {data.steps_said.map((step) => (
            <li key={step.text}>{sentence(step)}</li>
          ))}
        </ol>
      </details>
      {data.client !== null && !data.is_own_machine && (
        <Deeds address={data.client} canAllow={data.reason === "not_allowed"} canQuarantine={data.would_get_in && !data.is_proxy} />
      )}
    </div>
  );
}
