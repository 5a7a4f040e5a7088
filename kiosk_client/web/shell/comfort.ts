import { signal } from "@preact/signals";

// What one customer needs to see, hear and reach. It is theirs: the next one finds the screen as everybody does.

export type Need = "contrast" | "large" | "low" | "slow" | "spoken";

const PLACE = "kiosk-comfort";
const PATIENCE = 3;

/** What the customer of now has asked for. */
export const needs = signal<ReadonlySet<Need>>(read());
show();

export function has(need: Need): boolean {
  return needs.value.has(need);
}

export function ask(need: Need, isWanted: boolean): void {
  const next = new Set(needs.peek());
  if (isWanted) next.add(need);
  else next.delete(need);
  change(next);
}

/** The customer has gone. */
export function forgetNeeds(): void {
  if (needs.peek().size > 0) change(new Set());
}

/** How long something waits for this customer. */
export function patient(time_ms: number): number {
  return has("slow") ? time_ms * PATIENCE : time_ms;
}

function change(next: ReadonlySet<Need>): void {
  needs.value = next;
  show();
  try {
    sessionStorage.setItem(PLACE, [...next].join(" "));
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
}

function show(): void {
  document.documentElement.dataset["needs"] = [...needs.peek()].join(" ");
}

function read(): ReadonlySet<Need> {
  try {
    return new Set((sessionStorage.getItem(PLACE) ?? "").split(" ").filter(Boolean) as Need[]);
  } catch {
    return new Set();
  }
}
