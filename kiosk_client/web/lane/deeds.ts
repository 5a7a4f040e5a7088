import { signal } from "@preact/signals";
import { layer, link, picked, showRefusal, trouble } from "./model";

// What customers do after their first second. It is loaded with the parts that ask for it.

export async function startOver(): Promise<void> {
  showRefusal(null, await link.send("void_basket", {}));
  layer.value = null;
}

export async function leaveTender(): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("leave_tender", {}));
}

export async function cancelPayment(payment_id: string): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("cancel_payment", { payment_id }));
}

/** Whether the card took a part or all of what is due. */
export async function redeemGift(number: string, amount_cents: number | null): Promise<boolean> {
  trouble.value = null;
  const reply = await link.send("redeem_gift", amount_cents === null ? { number } : { number, amount_cents });
  showRefusal(null, reply);
  return reply.ok;
}

export interface GiftHeld {
  readonly masked: string;
  readonly balance_cents: number;
}

export async function checkGift(number: string): Promise<GiftHeld | null> {
  trouble.value = null;
  const reply = await link.send("check_gift", { number });
  showRefusal(null, reply);
  return reply.ok ? (reply.result as GiftHeld) : null;
}

export async function finish(): Promise<void> {
  const reply = await link.send("finish", {});
  // Another tab or the next customer was faster: that is no trouble of anybody's.
  if (!reply.ok && reply.code !== "wrong_state" && reply.code !== "illegal_transition") showRefusal(null, reply);
}

export async function print(receipt_number: number, language: string): Promise<void> {
  showRefusal(null, await link.send("print_receipt", { receipt_number, language }));
}

export async function declareBag(): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("declare_bag", {}));
  layer.value = null;
}

export async function skipBagging(line_id: number): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("skip_bagging", { line_id }));
  layer.value = null;
}

export async function weigh(item_id: string, container: string | null): Promise<void> {
  trouble.value = null;
  const reply = await link.send("weigh_item", container === null ? { item_id } : { item_id, container });
  showRefusal(null, reply);
  if (reply.ok) layer.value = null;
}

export async function askForPrice(line_id: number, unit_price_cents: number): Promise<void> {
  trouble.value = null;
  showRefusal(null, await link.send("ask_for_price", { line_id, unit_price_cents }));
  layer.value = null;
}

// -- a basket that was put away because nobody touched the lane --

/** What was parked here a moment ago, and may be taken up again by whoever comes back for it. */
export const parked = signal<{ basket_id: string; at: number } | null>(null);

export async function park(): Promise<void> {
  const reply = await link.send("suspend_basket", {});
  if (reply.ok) parked.value = { basket_id: (reply.result as { basket_id: string }).basket_id, at: Date.now() };
  // Somebody was faster: they scanned, paid or left, and nothing needs to be put away.
  else if (reply.code !== "wrong_state") showRefusal(null, reply);
}

export async function takeUp(basket_id: string): Promise<void> {
  parked.value = null;
  picked.value = null;
  showRefusal(null, await link.send("resume_basket", { basket_id }));
}

/** The code under which another lane or till takes the basket over; null where it cannot be had now. */
export async function handOff(): Promise<string | null> {
  const reply = await link.send("hand_off_basket", {});
  if (reply.ok) return (reply.result as { code: string }).code;
  layer.value = null;
  showRefusal(null, reply);
  return null;
}

export async function returnCoupon(code: string): Promise<void> {
  showRefusal(null, await link.send("return_coupon", { code }));
}
