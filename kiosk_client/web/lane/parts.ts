import "../shell/arrows";
import "./watch";
import { type ComponentType, h } from "preact";
import { sheetTools } from "../design/Sheet";
import { Globe } from "../shell/Header";
import type { LaneScreen } from "../wire/types";
import { Closed } from "./Closed";
import { Coupons } from "./Coupons";
import { produce } from "./goods";
import { Held } from "./Held";
import { Messages } from "./Messages";
import { Thanks } from "./Thanks";
import { Paying } from "./paying/Paying";
import { HandOffSheet } from "./sheets/HandOff";
import { KeyInSheet } from "./sheets/KeyIn";
import { LineSheet } from "./sheets/OfLine";
import { MoreSheet } from "./sheets/More";
import { ProduceSheet } from "./sheets/Produce";
import { SearchSheet } from "./sheets/Search";
import { ShelfPriceSheet } from "./sheets/ShelfPrice";
import { StartOverSheet } from "./sheets/StartOver";
import { TenderSheet } from "./sheets/Tender";
import { WeighSheet } from "./sheets/Weigh";
import { WhySheet } from "./sheets/Why";

// What the lane loads as soon as it is idle: every state but the first two, every sheet, and what watches over a
// customer (idle, voice). See Lane.tsx.

// Another language at any moment: what lies below a sheet cannot be touched.
sheetTools.value = () => h(Globe, null);

type Drawn = ComponentType<{ state: LaneScreen }>;

/** The lane's states by the names that `domain/lane.py` gives them. */
export const FACES: Readonly<Record<string, Drawn>> = {
  held: Held,
  tendering: Paying,
  receipt: Thanks,
  closed: Closed,
};

export const SHEETS = {
  search: SearchSheet,
  keypad: KeyInSheet,
  produce: ProduceSheet,
  weigh: WeighSheet,
  tender: TenderSheet,
  more: MoreSheet,
  of_line: LineSheet,
  hand_off: HandOffSheet,
  why: WhySheet,
  shelf_price: ShelfPriceSheet,
  start_over: StartOverSheet,
} satisfies Record<string, Drawn>;

export { pay } from "./paying/pay";
export { Coupons, Messages, produce };
