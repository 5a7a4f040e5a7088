import type { ComponentType } from "preact";
import type { LaneScreen } from "../wire/types";
import { Closed } from "./Closed";
import { Paying } from "./Paying";
import { Thanks } from "./Thanks";
import { KeyInSheet } from "./sheets/KeyIn";
import { SearchSheet } from "./sheets/Search";
import { StartOverSheet } from "./sheets/StartOver";

// What the lane loads as soon as it is idle: every state but the first two, and every sheet. See Lane.tsx.

type Drawn = ComponentType<{ state: LaneScreen }>;

/** The lane's states by the names that `domain/lane.py` gives them. */
export const FACES: Readonly<Record<string, Drawn>> = {
  tendering: Paying,
  receipt: Thanks,
  closed: Closed,
};

export const SHEETS = {
  search: SearchSheet,
  keypad: KeyInSheet,
  start_over: StartOverSheet,
} satisfies Record<string, Drawn>;
