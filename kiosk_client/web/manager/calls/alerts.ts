import { effect } from "@preact/signals";
import { chime, isSoundOn } from "../../shell/sound";
import { link, pairingsOf } from "../model";

// Something new waits: a phone in an apron says so by sound and touch, a desk by its tab.

const PATTERN_MS = [140, 80, 140];

const title = document.title;
let known: ReadonlySet<string> | null = null;

effect(() => {
  const state = link.state.value;
  if (state === null) return;
  const ids = new Set([...state.inbox.map((call) => call.intervention_id), ...pairingsOf(state).map((one) => one.pairing_id)]);
  document.title = ids.size > 0 ? `(${ids.size}) ${title}` : title;
  const before = known;
  known = ids;
  // What waited already when the page came up is seen; it need not be heard.
  if (before !== null && [...ids].some((id) => !before.has(id))) alarm();
});

function alarm(): void {
  // Browsers let a page speak and move only after the first touch, and complain of one that tries before.
  if (!isSoundOn.peek() || !navigator.userActivation?.hasBeenActive) return;
  chime();
  navigator.vibrate?.(PATTERN_MS);
}
