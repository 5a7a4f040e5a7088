import { signal } from "@preact/signals";
import { Button } from "../design/Button";
import { Icon, type IconName } from "../design/Icon";
import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import type { ManagerScreen } from "../wire/types";
import { type View, pairingsOf, picked, view, viewsOf } from "./model";

const ICONS: Record<View, IconName> = {
  inbox: "inbox",
  floor: "manager",
  counter: "cash",
  today: "today",
  receipts: "receipt",
  past: "past",
  terminals: "terminals",
  people: "person",
  network: "network",
  system: "system",
};
const IN_THE_BAR: ReadonlySet<View> = new Set(["inbox", "floor", "today"]);

const isMoreOpen = signal(false);

function viewName(name: View): string {
  const words: Record<View, () => string> = {
    inbox: () => t("Inbox"),
    floor: () => t("Floor"),
    counter: () => t("Counter"),
    today: () => t("Today"),
    receipts: () => t("Receipts"),
    past: () => t("Past"),
    terminals: () => t("Terminals"),
    people: () => t("People"),
    network: () => t("Network"),
    system: () => t("System"),
  };
  return words[name]();
}

/** The ways around: all of them on a desk; on a phone the three for the floor, and a sheet with the rest. */
export function Navigation({ state }: { state: ManagerScreen }) {
  const views = viewsOf(state);
  const waiting = state.inbox.length + state.print_jobs.length + pairingsOf(state).length;
  const rest = views.filter((name) => !IN_THE_BAR.has(name));
  return (
    <nav class="navigation" aria-label={t("Console")}>
      {views.map((name) => (
        <button
          key={name}
          type="button"
          class={`to-${name}`}
          aria-current={view.value === name ? "page" : undefined}
          onClick={() => void (picked.value = name)}
        >
          <Icon name={ICONS[name]} />
          {viewName(name)}
          {name === "inbox" && waiting > 0 && <b class="badge number">{waiting}</b>}
        </button>
      ))}
      {rest.length > 0 && (
        <button
          type="button"
          class="to-more"
          aria-current={rest.includes(view.value) ? "page" : undefined}
          onClick={() => void (isMoreOpen.value = true)}
        >
          <Icon name="more" />
          {t("More")}
        </button>
      )}
      {isMoreOpen.value && <More views={rest} />}
    </nav>
  );
}

function More({ views }: { views: readonly View[] }) {
  const close = () => void (isMoreOpen.value = false);
  return (
    <Sheet title={t("More")} onClose={close}>
      <div class="more">
        {views.map((name) => (
          <Button
            key={name}
            icon={ICONS[name]}
            onPress={() => {
              picked.value = name;
              close();
            }}
          >
            {viewName(name)}
          </Button>
        ))}
      </div>
    </Sheet>
  );
}
