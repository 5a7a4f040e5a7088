import { signal } from "@preact/signals";
import type { Basket, LaneScreen, Payment } from "../../wire/types";

export interface FaceProps {
  readonly state: LaneScreen;
  readonly basket: Basket;
}

/** The customer wants to pay in another way than the one that is shown. It ends with the next choice. */
export const isChoosing = signal(false);

const WAITING = new Set<Payment["state"]>(["asked", "authorising"]);

/** The payment that the reader has been asked for, and has not ended. */
export function waitingCard({ payments }: Basket): Payment | undefined {
  return payments.find((one) => WAITING.has(one.state));
}
