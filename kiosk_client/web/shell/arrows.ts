import { say } from "./voice";

// The whole of a screen by keyboard alone: Tab goes through it in order, arrows go where they point, Enter presses,
// Escape closes what lies on top (Sheet.tsx). Loaded later, and worth nothing to import for anything else.

const STOPS = "button, input, a[href], [tabindex='0']";
const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};
const ASIDE = 2.5; // how much worse a step to the side is than one straight ahead

addEventListener("keydown", (event) => {
  const way = WAYS[event.key];
  if (!way || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const from = document.activeElement;
  // In a text the sideways arrows move the cursor; a list that scrolls keeps its own.
  if (from instanceof HTMLInputElement && way[0] !== 0) return;
  if (from instanceof HTMLElement && from.tabIndex === 0 && from.scrollHeight > from.clientHeight && !from.matches("button, input")) return;
  const next = nearest(from, way);
  if (!next) return;
  event.preventDefault();
  next.focus();
});

addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && target.matches(":focus-visible")) say(nameOf(target));
});

function nearest(from: Element | null, [dx, dy]: readonly [number, number]): HTMLElement | null {
  const ground = [...document.querySelectorAll<HTMLElement>("[role=dialog]")].at(-1) ?? document.body;
  const stops = [...ground.querySelectorAll<HTMLElement>(STOPS)].filter((stop) => stop !== from && stop.checkVisibility());
  if (!from || from === document.body || !ground.contains(from)) {
    return ground.querySelector<HTMLElement>("main .filled") ?? stops[0] ?? null;
  }
  const here = middle(from);
  let best: HTMLElement | null = null;
  let least = Infinity;
  for (const stop of stops) {
    const { x, y } = middle(stop);
    const ahead = (x - here.x) * dx + (y - here.y) * dy;
    const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
    const distance = ahead + ASIDE * aside;
    if (ahead > 1 && distance < least) [best, least] = [stop, distance];
  }
  return best;
}

function middle(element: Element): { x: number; y: number } {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

function nameOf(element: HTMLElement): string {
  if (element.ariaLabel) return element.ariaLabel;
  return element instanceof HTMLInputElement ? element.placeholder : (element.textContent ?? "").trim();
}
