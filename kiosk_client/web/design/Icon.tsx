import sprite from "./icons.svg";

export type IconName =
  | "scan" | "search" | "keypad" | "help" | "globe" | "close" | "plus" | "minus" | "trash" | "back" | "check"
  | "cash" | "clock" | "alert" | "offline" | "sound" | "silent" | "pump" | "lane" | "stall" | "kitchen" | "pickup" | "display"
  | "manager" | "inbox" | "today" | "stop" | "play" | "pause" | "recall" | "exit" | "burger" | "fries" | "drink"
  | "coffee" | "icecream" | "salad" | "chicken" | "hotdog" | "plate" | "basket" | "bag" | "person"
  | "terminals" | "network" | "system" | "past" | "more" | "card" | "gift" | "printer" | "scale" | "apple" | "tag"
  | "handoff" | "box" | "question" | "receipt";

const TURNING: ReadonlySet<IconName> = new Set(["back", "exit", "play", "sound", "silent", "question"]);

/** One of our own icons. It never speaks: what it means stands beside it, or in the label of its button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={TURNING.has(name) ? "icon turns" : "icon"} aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
