// Generated from the Python structs by kiosk_server/edge/typescript.py. Do not edit; run
// `python -m kiosk_server.edge.typescript` after a change of commands, events or screens.
// Units stand in the names; times are ms since 1970, UTC; money is integers of the minor unit.

export type Bagging = "weighed" | "light" | "bulky";

export type BasketState = "open" | "tendering" | "suspended" | "paid" | "void" | "refunded";

export type Condition = "stable" | "zero" | "unstable" | "negative" | "overload" | "unplugged";

export type Deviation = "none" | "missing" | "surplus";

export type Display = "" | "present_card" | "processing" | "approved" | "declined" | "remove_card";

export type Enrolment = "unpaired" | "pairing" | "active" | "locked" | "retired";

export type InterventionKind =
  | "assistance"
  | "cash"
  | "pump_call"
  | "age"
  | "unknown_item"
  | "not_for_sale"
  | "recalled"
  | "expired"
  | "quantity_cap"
  | "weight_mismatch"
  | "own_bag"
  | "void_above_limit"
  | "price_override"
  | "random_check"
  | "walk_off"
  | "payment"
  | "refund";

export type ItemKind = "grocery" | "menu" | "fuel" | "gift";

export type Kind = "lane" | "stall" | "pump" | "kitchen" | "pickup" | "display" | "manager";

export type KitchenEvent = "start" | "bump" | "hand_over" | "recall" | "void";

export type KitchenState = "new" | "in_progress" | "ready" | "handed_over" | "voided";

export type Light = "free" | "in_use" | "help" | "closed";

export type Outcome = "done" | "approved" | "denied" | "withdrawn";

export type PaymentOutcome = "begun" | "approved" | "declined" | "cancelled" | "timed_out" | "unknown" | "reversed";

export type PaymentState =
  | "asked"
  | "authorising"
  | "authorised"
  | "captured"
  | "unknown"
  | "reversing"
  | "declined"
  | "cancelled"
  | "timed_out"
  | "reversed";

export type PrintOutcome = "done" | "paper_out" | "cover_open" | "offline" | "unknown";

export type PrintingState = "waiting" | "printed" | "failed" | "unknown" | "settled";

export type PromotionKind =
  | "percent_off"
  | "amount_off"
  | "fixed_price"
  | "multi_buy"
  | "buy_get"
  | "combo"
  | "basket_percent"
  | "basket_amount"
  | "excluded";

export type PumpState =
  | "inoperative"
  | "closed"
  | "idle"
  | "calling"
  | "authorised"
  | "started"
  | "suspended_started"
  | "fuelling"
  | "suspended_fuelling";

export type Role =
  | "lane"
  | "stall"
  | "pump"
  | "kitchen"
  | "pickup"
  | "display"
  | "attendant"
  | "cashier"
  | "manager"
  | "owner"
  | "driver"
  | "door"
  | "local";

export type Rule =
  | "price"
  | "weight"
  | "label"
  | "fuel"
  | "override"
  | "choice"
  | "at_least_free"
  | "promotion"
  | "deposit"
  | "void";

export type SecretKind = "pin" | "password";

export type SessionEnd = "signed_out" | "everywhere" | "idle" | "expired" | "changed" | "retired" | "too_many";

export type StaffRole = "attendant" | "kitchen" | "cashier" | "manager" | "owner";

export type TenderKind = "cash" | "card" | "gift";

export type Treatment = "allow" | "quarantine";

export type RefusalCode =
  | "already_exists"
  | "amount_too_small"
  | "attendant_needed"
  | "bad_check_digit"
  | "bad_code"
  | "bad_request"
  | "bagging_disagrees"
  | "basket_empty"
  | "busy"
  | "code_too_long"
  | "coupon_not_taken"
  | "forbidden"
  | "gift_card_empty"
  | "gift_card_expired"
  | "hand_off_not_taken"
  | "illegal_transition"
  | "internal"
  | "key_reused"
  | "not_for_sale"
  | "not_found"
  | "not_signed_in"
  | "out_of_range"
  | "read_only"
  | "scale_not_ready"
  | "too_many"
  | "unknown_command"
  | "unknown_gift_card"
  | "unknown_item"
  | "weight_needed"
  | "wrong_state";

/** What whoever looks has to know; only what the kind calls for is there. Weights in grams, ages in years. */
export interface Evidence {
  readonly line_id?: number | null;
  readonly item_id?: string;
  readonly item_name?: string;
  readonly code?: string;
  readonly quantity?: number | null;
  readonly limit?: number | null;
  readonly expected_g?: number | null;
  readonly measured_g?: number | null;
  readonly minimum_age?: number | null;
  readonly unit_price_cents?: number | null;
  readonly amount_cents?: number | null;
  readonly expires_on?: string;
  readonly reason?: string;
  readonly pieces?: readonly number[];
}

/** One piece, and by how much the bagging area grew heavier when it was laid down. */
export interface Placement {
  readonly item_id: string;
  readonly weight_g: number;
}

/** How many pieces of a receipt's line are given back; weighed and fuel lines are one piece. */
export interface RefundedLine {
  readonly line_id: number;
  readonly quantity: number;
}

/** One enrolled box. `name` is unique for ever: a retired one comes back only where a box is paired in its place. */
export interface Terminal {
  readonly name: string;
  readonly kind: Kind;
  readonly enrolment: Enrolment;
  readonly state: string;
  readonly state_since: number;
  readonly added_at: number;
  readonly basket_id: string | null;
  readonly is_training: boolean;
}

/** One person of the staff. `name` is unique whatever its case, and never given out twice. */
export interface Member {
  readonly name: string;
  readonly role: StaffRole;
  readonly secret_kind: SecretKind;
  readonly added_at: number;
  readonly is_retired: boolean;
}

/** How a person (`person:<name>`) or a place (`terminal:<name>`, `browser:<id>`) stands after a wrong try. */
export interface WrongTries {
  readonly subject: string;
  readonly tries: number;
  readonly locked_s: number;
}

/** Somebody who was turned away, counted over a while. Times are ms since 1970, UTC. */
export interface RefusedAccess {
  readonly who: string;
  readonly where: string;
  readonly what: string;
  readonly why: string;
  readonly count: number;
  readonly first_at: number;
  readonly last_at: number;
}

/** How old a session is, and how long it was idle, when the server stopped. */
export interface KeptTime {
  readonly age_s: number;
  readonly idle_s: number;
}

/** One order. `lasts_s` is None for one that stays until it is lifted; `ordered_at` is ms since 1970, UTC. */
export interface NetworkOrder {
  readonly network: string;
  readonly treatment: Treatment;
  readonly why: string;
  readonly by: string;
  readonly ordered_at: number;
  readonly lasts_s: number | null;
}

/** One row of the console's inbox. Times are ms since 1970, UTC; the inbox is ordered by `raised_at`. */
export interface Intervention {
  readonly intervention_id: string;
  readonly kind: InterventionKind;
  readonly terminal: string;
  readonly raised_at: number;
  readonly basket_id: string | null;
  readonly amount_cents: number | null;
  readonly outcome: Outcome | null;
  readonly resolved_at: number | null;
  readonly resolved_by: string;
  readonly note: string;
  readonly evidence: Evidence;
  readonly claimed_by: string;
  readonly claimed_at: number | null;
  readonly is_holding_scanning: boolean;
  readonly is_holding_paying: boolean;
}

/** One choice within a group ("no onions", "large"). `price_cents` may be negative or zero. */
export interface Modifier {
  readonly modifier_id: string;
  readonly name: string;
  readonly price_cents: number;
}

/** What a promotion takes off one line. `amount_cents` > 0; `name` is what the customer reads. */
export interface Discount {
  readonly promotion_id: string;
  readonly name: string;
  readonly amount_cents: number;
  readonly revision?: number;
  readonly pieces?: number;
  readonly coupon?: string;
}

/** One row of a basket. `total_cents` is all that it costs: price - discounts + deposit. */
export interface Line {
  readonly line_id: number;
  readonly item_id: string;
  readonly name: string;
  readonly kind: ItemKind;
  readonly quantity: number;
  readonly unit_price_cents: number;
  readonly total_cents: number;
  readonly tax_class: string;
  readonly tax_rate_bp: number;
  readonly code?: string | null;
  readonly modifiers?: readonly Modifier[];
  readonly volume_ml?: number | null;
  readonly unit_price_mills?: number | null;
  readonly is_voided?: boolean;
  readonly weight_g?: number | null;
  readonly price_per_kg_cents?: number | null;
  readonly deposit_cents?: number;
  readonly discounts?: readonly Discount[];
  readonly lot?: string;
  readonly serial?: string;
  readonly peak?: number;
}

/** `items` counts pieces (a fuel line is one); `due_cents` is what is left to pay; `saved_cents` by promotions. */
export interface Totals {
  readonly items: number;
  readonly total_cents: number;
  readonly due_cents: number;
  readonly saved_cents: number;
}

/** One piece of an item in grams: the median of the newest `samples`, and their median distance from it. */
export interface LearnedWeight {
  readonly item_id: string;
  readonly weight_g: number;
  readonly spread_g: number;
  readonly samples: readonly number[];
}

/** Tax contained in the printed lines of one rate. `net_cents + tax_cents == gross_cents`. */
export interface TaxLine {
  readonly tax_class: string;
  readonly tax_rate_bp: number;
  readonly net_cents: number;
  readonly tax_cents: number;
  readonly gross_cents: number;
}

/** One tender applied to a basket. `amount_cents` is what it counts for; negative when it gives money back. */
export interface Payment {
  readonly payment_id: string;
  readonly kind: TenderKind;
  readonly amount_cents: number;
  readonly state: PaymentState;
  readonly asked_at?: number;
  readonly reference?: string;
  readonly masked?: string;
  readonly scheme?: string;
  readonly reason?: string;
  readonly display?: Display;
  readonly received_cents?: number;
  readonly change_cents?: number;
  readonly refunds?: string;
}

/** What was sold and how it was paid. Numbers have no gaps; `paid_at` is ms since 1970, UTC. */
export interface Receipt {
  readonly number: number;
  readonly basket_id: string;
  readonly terminal: string;
  readonly day: string;
  readonly paid_at: number;
  readonly lines: readonly Line[];
  readonly taxes: readonly TaxLine[];
  readonly total_cents: number;
  readonly tender: TenderKind;
  readonly received_cents: number;
  readonly change_cents: number;
  readonly by: string;
  readonly payments: readonly Payment[];
  readonly rounding_cents: number;
  readonly refund_of: number | null;
  readonly reason: string;
  readonly is_training: boolean;
}

/** Between `at_least` and `at_most` of `modifiers` are chosen with the item. */
export interface ModifierGroup {
  readonly group_id: string;
  readonly name: string;
  readonly modifiers: readonly Modifier[];
  readonly at_least: number;
  readonly at_most: number;
}

/** One thing in the catalog. */
export interface Item {
  readonly item_id: string;
  readonly name: string;
  readonly kind: ItemKind;
  readonly code: string | null;
  readonly price_cents: number | null;
  readonly unit_price_mills: number | null;
  readonly tax_class: string;
  readonly category: string;
  readonly modifier_groups: readonly ModifierGroup[];
  readonly allergens: readonly string[];
  readonly picture: string;
  readonly price_per_kg_cents: number | null;
  readonly weight_g: number | null;
  readonly minimum_age: number | null;
  readonly max_quantity: number | null;
  readonly deposit_cents: number;
  readonly is_withdrawn: boolean;
  readonly bagging: Bagging;
  readonly tare_g: number;
}

export interface TicketLine {
  readonly line_id: number;
  readonly name: string;
  readonly quantity: number;
  readonly modifiers: readonly string[];
}

/** An order as the kitchen sees it. `number` restarts each business day; times are ms since 1970, UTC. */
export interface Ticket {
  readonly ticket_id: string;
  readonly number: number;
  readonly basket_id: string;
  readonly terminal: string;
  readonly state: KitchenState;
  readonly lines: readonly TicketLine[];
  readonly fired_at: number;
  readonly moved_at: number;
  readonly moved_by: string;
}

/** Items by id or by category; a group that names neither holds everything. `quantity`: pieces it gives a bundle. */
export interface Group {
  readonly items?: readonly string[];
  readonly categories?: readonly string[];
  readonly quantity?: number;
}

/** One offer. `name` is what the customer reads under the line it acts on ("2 for 3.00"). */
export interface Promotion {
  readonly promotion_id: string;
  readonly name: string;
  readonly kind: PromotionKind;
  readonly groups?: readonly Group[];
  readonly percent_bp?: number;
  readonly amount_cents?: number;
  readonly free_quantity?: number;
  readonly threshold_cents?: number;
  readonly starts_on?: string;
  readonly ends_on?: string;
  readonly weekdays?: readonly number[];
  readonly from_minute?: number;
  readonly until_minute?: number;
  readonly limit?: number;
  readonly exclusive?: string;
  readonly priority?: number;
  readonly coupon?: string;
  readonly revision?: number;
  readonly is_ended?: boolean;
}

/** A coupon that was handed in with a basket, and the promotion that it opens there. */
export interface HeldCoupon {
  readonly code: string;
  readonly promotion_id: string;
  readonly name: string;
}

/** What somebody wants to buy. One with `refund_of` gives that receipt's goods back, for `reason`, taken by `by`. */
export interface Basket {
  readonly basket_id: string;
  readonly terminal: string;
  readonly state: BasketState;
  readonly lines: readonly Line[];
  readonly totals: Totals;
  readonly opened_at: number;
  readonly day: string;
  readonly tender: string | null;
  readonly is_released: boolean;
  readonly receipt_number: number | null;
  readonly coupons: readonly HeldCoupon[];
  readonly payments: readonly Payment[];
  readonly refund_of: number | null;
  readonly reason: string;
  readonly by: string;
  readonly is_training: boolean;
}

/** A card and what it holds. `expires_at` is ms since 1970, UTC. */
export interface GiftCard {
  readonly card_id: string;
  readonly masked: string;
  readonly balance_cents: number;
  readonly expires_at: number;
}

/** One receipt for one printer. Times are ms since 1970, UTC. */
export interface PrintJob {
  readonly job_id: string;
  readonly receipt_number: number;
  readonly printer: string;
  readonly terminal: string;
  readonly language: string;
  readonly by: string;
  readonly asked_at: number;
  readonly state: PrintingState;
  readonly outcome: PrintOutcome | null;
  readonly has_begun: boolean;
  readonly is_duplicate: boolean;
  readonly ended_at: number | null;
}

/** A kind of fuel. `unit_price_mills` is thousandths of the currency unit per litre (1.799 -> 1799). */
export interface Grade {
  readonly item_id: string;
  readonly name: string;
  readonly unit_price_mills: number;
}

/** What one pump is doing. Volume and amount are those of the current or the last fuelling. */
export interface FuellingPoint {
  readonly terminal: string;
  readonly state: PumpState;
  readonly grade: Grade | null;
  readonly transaction: number;
  readonly volume_ml: number;
  readonly amount_cents: number;
  readonly limit_cents: number | null;
  readonly unpaid: readonly string[];
  readonly is_hung: boolean;
}

/** What every screen knows of the house. `currency` is ISO 4217; `zone` an IANA time zone: clocks show its time. */
export interface Store {
  readonly name: string;
  readonly currency: string;
  readonly languages: readonly string[];
  readonly zone: string;
  readonly is_demo: boolean;
}

/** One terminal on the floor plan. Times are ms since 1970, UTC. */
export interface Tile {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly state_since: number;
  readonly is_online: boolean;
  readonly seen_at: number | null;
  readonly basket_id: string | null;
  readonly items: number;
  readonly total_cents: number;
  readonly point: FuellingPoint | null;
  readonly is_training: boolean;
}

/** A time in which lanes are open, ms since 1970, UTC; the end is not in it. */
export interface Span {
  readonly opens_at: number;
  readonly closes_at: number;
}

/** One reading, net of the tare, in grams. What stands there under other conditions than IS_WEIGHT is a hint. */
export interface Reading {
  readonly condition: Condition;
  readonly weight_g: number;
}

/** The plate of a bagging area, and what to tell the customer about it before anybody has to come. */
export interface BaggingReading {
  readonly condition: Condition;
  readonly weight_g: number;
  readonly deviation: Deviation;
}

/** What the scales of one lane say; None where there is none. `can_lay`: they are virtual, and this lane's own */
export interface LaneScales {
  readonly produce: Reading | null;
  readonly bagging: BaggingReading | null;
  readonly can_lay: boolean;
}

/** `print_job` is the last attempt to put `receipt` on paper; `can_print`: the settings name a printer. */
export interface LaneScreen {
  readonly store: Store;
  readonly terminal: Tile;
  readonly basket: Basket | null;
  readonly receipt: Receipt | null;
  readonly interventions: readonly Intervention[];
  readonly can_print: boolean;
  readonly print_job: PrintJob | null;
  readonly hours: readonly Span[] | null;
  readonly tenders: readonly TenderKind[];
  readonly scales: LaneScales;
  readonly containers: Readonly<Record<string, number>>;
}

export interface StallScreen {
  readonly store: Store;
  readonly terminal: Tile;
  readonly menu: readonly Item[];
  readonly basket: Basket | null;
  readonly receipt: Receipt | null;
  readonly ticket: Ticket | null;
  readonly interventions: readonly Intervention[];
}

export interface PumpScreen {
  readonly store: Store;
  readonly terminal: Tile;
  readonly point: FuellingPoint;
  readonly grades: readonly Grade[];
  readonly receipt: Receipt | null;
}

/** `tickets` are those not handed over, oldest first; `recallable` the last ten handed over. */
export interface KitchenScreen {
  readonly store: Store;
  readonly terminal: Tile;
  readonly tickets: readonly Ticket[];
  readonly recallable: readonly Ticket[];
}

/** The light of each lane by its name, in the order to show them; kept current by the live topic `lights`. */
export interface DisplayScreen {
  readonly store: Store;
  readonly terminal: Tile;
  readonly lights: Readonly<Record<string, Light>>;
}

/** Money taken on one business day, less what was refunded. `by_hour_cents` has 24 entries in the store's zone. */
export interface Takings {
  readonly day: string;
  readonly total_cents: number;
  readonly receipts: number;
  readonly by_hour_cents: readonly number[];
  readonly by_kind_cents: Readonly<Record<string, number>>;
  readonly by_tender_cents: Readonly<Record<string, number>>;
  readonly rounding_cents: number;
}

/** A browser that asks to become a terminal. Times are ms since 1970, UTC. */
export interface Pairing {
  readonly pairing_id: string;
  readonly hint: string;
  readonly address: string;
  readonly browser: string;
  readonly asked_at: number;
  readonly expires_at: number;
}

/** `print_jobs` are those that failed or whose end nobody knows, until somebody has looked after them. */
export interface ManagerScreen {
  readonly store: Store;
  readonly terminals: readonly Tile[];
  readonly inbox: readonly Intervention[];
  readonly takings: Takings;
  readonly tickets: readonly Ticket[];
  readonly is_simulating: boolean;
  readonly can_simulate: boolean;
  readonly who: string;
  readonly role: string;
  readonly pairings: readonly Pairing[];
  readonly print_jobs: readonly PrintJob[];
}

/** One rule and what it adds (`amount_cents`, below 0 where it takes off); `sum_cents` is the price so far. */
export interface Step {
  readonly rule: Rule;
  readonly amount_cents: number;
  readonly sum_cents?: number;
  readonly name?: string;
  readonly quantity?: number;
  readonly unit_price_cents?: number;
  readonly weight_g?: number;
  readonly price_per_kg_cents?: number;
  readonly volume_ml?: number;
  readonly unit_price_mills?: number;
  readonly by?: string;
  readonly at?: number;
  readonly coupon?: string;
  readonly promotion?: Promotion | null;
}

/** A row of the journal that changed the line, and what it was after it. */
export interface Change {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly by: string;
  readonly quantity: number;
  readonly total_cents: number;
}

/** The line as it stands, its price step by step, and how it came to be so. */
export interface Why {
  readonly basket_id: string;
  readonly line: Line;
  readonly steps: readonly Step[];
  readonly history: readonly Change[];
}

/** Make the browser that shows this code a terminal. With `is_replacing`, one that is known gets this new box. */
export interface ConfirmPairing {
  readonly code: string;
  readonly terminal: string;
  readonly kind: Kind;
  readonly is_replacing?: boolean;
}

/** Send a browser that asks to be paired away. `address` is filled in by the front door. */
export interface DenyPairing {
  readonly pairing_id: string;
}

/** Let a person sign in. Result: `{person, role}`. Refusals: out_of_range (weak secret), already_exists, forbidden. */
export interface AddStaff {
  readonly person: string;
  readonly role: StaffRole;
  readonly secret?: string;
}

/** A new PIN or password: one's own (with `current`), or that of somebody one manages. Signs them out everywhere. */
export interface ChangeSecret {
  readonly person: string;
  readonly secret?: string;
  readonly current?: string;
}

/** Give a person another role. They are signed out everywhere. The last owner stays one. */
export interface ChangeRole {
  readonly person: string;
  readonly role: StaffRole;
}

/** A person leaves: signed out everywhere, never let in again. Their name stays theirs in the journal. */
export interface RetireStaff {
  readonly person: string;
}

/** Forgive a person's wrong tries before their time is over. */
export interface UnlockStaff {
  readonly person: string;
}

/** End all sessions: one's own, or those of somebody one manages. Result: `{ended}`. */
export interface SignOutEverywhere {
  readonly person?: string | null;
}

/** Let a private network in for a while, at most a day. `deny` and quarantine still win. */
export interface AllowNetwork {
  readonly network: string;
  readonly duration_s?: number;
  readonly why?: string;
}

/** Turn a network away at once, open screens included, until it is lifted. */
export interface QuarantineNetwork {
  readonly network: string;
  readonly why?: string;
}

/** Take back what was ordered for exactly this network. */
export interface LiftNetwork {
  readonly network: string;
}

/** Ask for help. A second call while one waits changes nothing. */
export interface CallAttendant {
  readonly code?: string;
}

/** The shelf said another price for one piece of a line. A cashier decides; until then paying waits. */
export interface AskForPrice {
  readonly line_id: number;
  readonly unit_price_cents: number;
}

/** An attendant is on the way, and the lane says so. Whoever claims last has it; a second tap changes nothing. */
export interface ClaimIntervention {
  readonly intervention_id: string;
}

/** An attendant has looked: `done` where there is nothing to decide, else `approved` or `denied`. */
export interface ResolveIntervention {
  readonly intervention_id: string;
  readonly outcome?: Outcome;
  readonly note?: string;
  readonly seen?: Evidence | null;
}

/** Staff take one line of any open basket back. A second tap changes nothing. Result as ScanItem. */
export interface VoidBasketLine {
  readonly basket_id: string;
  readonly line_id: number;
  readonly reason?: string;
}

/** Put what lies on the lane's scale into the basket as this item. Result as ScanItem. */
export interface WeighItem {
  readonly item_id: string;
  readonly container?: string | null;
}

/** The customer's own bag lies in the bagging area: a light one is tared, a heavy one is looked at. */
export type DeclareBag = Record<string, never>;

/** This line stays out of the bagging area: too large, or not worth a bag. Dear ones are looked at. */
export interface SkipBagging {
  readonly line_id: number;
}

/** Driver: the bagging area has disagreed with the basket for longer than its patience, or agrees again. */
export interface ReportBagging {
  readonly terminal: string;
  readonly basket_id: string | null;
  readonly measured_g: number;
  readonly condition?: Condition;
  readonly is_left?: boolean;
}

/** Driver: what single pieces of a paid basket weighed when they were laid down, so that the store can learn. */
export interface ReportPlacements {
  readonly terminal: string;
  readonly basket_id: string;
  readonly placements: readonly Placement[];
}

/** A code was read or keyed. Opens a basket if there is none. */
export interface ScanItem {
  readonly code: string;
  readonly quantity?: number;
}

/** An item was picked from a list: a search hit, a picture, a menu tile. Result as ScanItem. */
export interface AddItem {
  readonly item_id: string;
  readonly quantity?: number;
  readonly modifiers?: readonly string[];
}

/** Set the quantity of one line. Result as ScanItem. */
export interface ChangeQuantity {
  readonly line_id: number;
  readonly quantity: number;
}

/** Take one line back before paying. A second void of the same line changes nothing. Result as ScanItem. */
export interface VoidLine {
  readonly line_id: number;
}

/** Take back the whole basket: one's own while it is open, or any unpaid one by staff. */
export interface VoidBasket {
  readonly basket_id?: string | null;
  readonly reason?: string;
}

/** Park the own basket and free the lane. Result: `{basket_id}`. */
export type SuspendBasket = Record<string, never>;

/** Go on with a suspended basket on this terminal. */
export interface ResumeBasket {
  readonly basket_id: string;
}

/** Pay what is due, or `amount_cents` of it. Result: `{basket_id, intervention_id, due_cents, payment_id}`. */
export interface ChooseTender {
  readonly tender: TenderKind;
  readonly amount_cents?: number | null;
}

/** Back to scanning or ordering. The cash intervention is withdrawn; what a card or gift card has paid goes back. */
export type LeaveTender = Record<string, never>;

/** The attendant has the money. Result: `{receipt}`. Refusals: amount_too_small, wrong_state (already paid). */
export interface ConfirmCash {
  readonly basket_id: string;
  readonly received_cents: number;
}

/** The receipt was looked at (lane: back to attract; stall: free again). */
export type Finish = Record<string, never>;

/** Enrol a terminal. Only the SHA-256 of its token comes here; the token itself is never stored. */
export interface AddTerminal {
  readonly terminal: string;
  readonly kind: Kind;
  readonly token_hash: string;
}

/** Revoke a terminal for good: its token dies and its sockets are closed. */
export interface RetireTerminal {
  readonly terminal: string;
}

/** Open a closed lane, stall or pump. */
export interface OpenTerminal {
  readonly terminal: string;
}

/** Close a free lane, stall or pump. */
export interface CloseTerminal {
  readonly terminal: string;
}

/** Let a free or closed lane be practised on, or let it sell again. Saying so twice changes nothing. */
export interface SwitchTraining {
  readonly terminal: string;
  readonly is_on: boolean;
}

/** Turn the demo store's simulated customers on or off. */
export interface SwitchSimulation {
  readonly is_on: boolean;
}

/** First touch or call button on a stall; the clock starts. */
export type Arrive = Record<string, never>;

/** Send the order: the kitchen sees it once the carhop has the cash or releases it. Result as ChooseTender. */
export type PlaceOrder = Record<string, never>;

/** Staff let the kitchen start before the money is taken. */
export interface ReleaseOrder {
  readonly basket_id: string;
}

/** Start, bump, hand over or recall a ticket. When another cook was first, nothing happens twice. */
export interface MoveTicket {
  readonly ticket_id: string;
  readonly event: KitchenEvent;
}

/** Give a coupon back to the customer: it stops counting for the own basket. */
export interface ReturnCoupon {
  readonly code: string;
}

/** Carry a basket to another lane: scanned there as a QR code, what this answers moves it there. */
export interface HandOffBasket {
  readonly basket_id?: string | null;
}

/** Stop asking for a payment, or give back what it took: whatever the reader was doing, no money stays taken. */
export interface CancelPayment {
  readonly payment_id: string;
}

/** The reader's word on a payment. A word that was heard already, or comes too late, changes nothing more. */
export interface ReportPayment {
  readonly payment_id: string;
  readonly outcome: PaymentOutcome;
  readonly reference?: string;
  readonly masked?: string;
  readonly scheme?: string;
  readonly reason?: string;
  readonly display?: Display;
}

/** Pay with a gift card: all that is due, `amount_cents` of it, or what the card holds. Result: `{payment}`. */
export interface RedeemGift {
  readonly number: string;
  readonly amount_cents?: number | null;
}

/** Ask what a gift card holds. Changes nothing. Result: `{masked, balance_cents, expires_at}`. */
export interface CheckGift {
  readonly number: string;
}

/** Put a gift card, or more money for one, into a basket that is open; it is worth its money once that is paid. */
export interface SellGift {
  readonly basket_id: string;
  readonly amount_cents: number;
  readonly number?: string;
}

/** Take goods back and give the money back to where it came from: a new transaction that names the old. */
export interface RefundReceipt {
  readonly receipt_number: number;
  readonly reason: string;
  readonly lines?: readonly RefundedLine[];
}

/** Give what a card would not take back in another way: cash, or the card once more. Result as RefundReceipt. */
export interface SettleRefund {
  readonly basket_id: string;
  readonly tender?: TenderKind;
  readonly note?: string;
}

/** Put a receipt on paper: its own last one for a terminal, any for staff, who may name the printer. */
export interface PrintReceipt {
  readonly receipt_number: number;
  readonly language?: string | null;
  readonly printer?: string | null;
}

/** Printer's driver: how a job ended. `has_begun`: bytes of it reached the printer. */
export interface ReportPrint {
  readonly job_id: string;
  readonly outcome: PrintOutcome;
  readonly has_begun: boolean;
}

/** Staff have looked after a job that failed or whose end is unknown. A second time changes nothing. */
export interface SettlePrint {
  readonly job_id: string;
}

/** The customer takes the nozzle of one grade. Sent by the forecourt controller, or by the virtual pump's screen. */
export interface LiftNozzle {
  readonly grade_id: string;
}

/** The nozzle is back: an unstarted fuelling ends without trace, a started one ends with its totals. */
export type HangNozzle = Record<string, never>;

/** Let a fuelling point deliver, optionally up to an amount. */
export interface AuthorisePump {
  readonly terminal: string;
  readonly limit_cents?: number | null;
}

/** Suspend delivery (or take back an authorisation). */
export interface StopPump {
  readonly terminal: string;
}

export interface ResumePump {
  readonly terminal: string;
}

/** Emergency stop of the whole forecourt: one gesture. Result: `{stopped: [terminal]}`. */
export type StopAllPumps = Record<string, never>;

/** Forecourt controller: the first drops have flowed at a fuelling point. */
export interface ReportFlow {
  readonly terminal: string;
}

/** Forecourt controller: a fuelling ended with these totals. The meter's volume is the truth. */
export interface ReportFuelling {
  readonly terminal: string;
  readonly volume_ml: number;
}

export interface Commands {
  confirm_pairing: ConfirmPairing;
  deny_pairing: DenyPairing;
  add_staff: AddStaff;
  change_secret: ChangeSecret;
  change_role: ChangeRole;
  retire_staff: RetireStaff;
  unlock_staff: UnlockStaff;
  sign_out_everywhere: SignOutEverywhere;
  allow_network: AllowNetwork;
  quarantine_network: QuarantineNetwork;
  lift_network: LiftNetwork;
  call_attendant: CallAttendant;
  ask_for_price: AskForPrice;
  claim_intervention: ClaimIntervention;
  resolve_intervention: ResolveIntervention;
  void_basket_line: VoidBasketLine;
  weigh_item: WeighItem;
  declare_bag: DeclareBag;
  skip_bagging: SkipBagging;
  report_bagging: ReportBagging;
  report_placements: ReportPlacements;
  scan_item: ScanItem;
  add_item: AddItem;
  change_quantity: ChangeQuantity;
  void_line: VoidLine;
  void_basket: VoidBasket;
  suspend_basket: SuspendBasket;
  resume_basket: ResumeBasket;
  choose_tender: ChooseTender;
  leave_tender: LeaveTender;
  confirm_cash: ConfirmCash;
  finish: Finish;
  add_terminal: AddTerminal;
  retire_terminal: RetireTerminal;
  open_terminal: OpenTerminal;
  close_terminal: CloseTerminal;
  switch_training: SwitchTraining;
  switch_simulation: SwitchSimulation;
  arrive: Arrive;
  place_order: PlaceOrder;
  release_order: ReleaseOrder;
  move_ticket: MoveTicket;
  return_coupon: ReturnCoupon;
  hand_off_basket: HandOffBasket;
  cancel_payment: CancelPayment;
  report_payment: ReportPayment;
  redeem_gift: RedeemGift;
  check_gift: CheckGift;
  sell_gift: SellGift;
  refund_receipt: RefundReceipt;
  settle_refund: SettleRefund;
  print_receipt: PrintReceipt;
  report_print: ReportPrint;
  settle_print: SettlePrint;
  lift_nozzle: LiftNozzle;
  hang_nozzle: HangNozzle;
  authorise_pump: AuthorisePump;
  stop_pump: StopPump;
  resume_pump: ResumePump;
  stop_all_pumps: StopAllPumps;
  report_flow: ReportFlow;
  report_fuelling: ReportFuelling;
}

/** Another box took the place of a known terminal, which goes on with its basket; the old box's token is dead. */
export interface TerminalPaired {
  readonly paired: Terminal;
  readonly terminal: string;
}

/** A browser at `address` asked to be paired and was sent away. */
export interface PairingDenied {
  readonly pairing_id: string;
  readonly address: string;
  readonly terminal: string;
}

export interface StaffAdded {
  readonly member: Member;
  readonly terminal: string;
}

/** Somebody has another PIN or password. `fingerprint` is of the salted hash, which is in no event. */
export interface SecretChanged {
  readonly person: string;
  readonly secret_kind: SecretKind;
  readonly terminal: string;
}

export interface RoleChanged {
  readonly person: string;
  readonly role: StaffRole;
  readonly terminal: string;
}

/** A person left; every session of theirs must end. */
export interface StaffRetired {
  readonly person: string;
  readonly terminal: string;
}

/** `source` is where: `terminal:<name>` or `browser:<id>`. `is_by_code`: with a one-time code of the server. */
export interface SignedIn {
  readonly session_id: string;
  readonly person: string;
  readonly role: Role;
  readonly source: string;
  readonly is_by_code: boolean;
  readonly terminal: string;
}

/** A session is over; its screens must close. */
export interface SignedOut {
  readonly session_id: string;
  readonly person: string;
  readonly why: SessionEnd;
  readonly terminal: string;
}

/** A wrong PIN or password. `person` is '' where nobody is called what was typed: it may be a secret. */
export interface SecretRefused {
  readonly person: string;
  readonly source: string;
  readonly tries: readonly WrongTries[];
  readonly terminal: string;
}

/** A manager forgave a person's wrong tries. */
export interface LockLifted {
  readonly person: string;
  readonly terminal: string;
}

/** Who was turned away in a while, counted; at most 64 rows, the rest in the last of them. */
export interface AccessRefused {
  readonly refusals: readonly RefusedAccess[];
  readonly terminal: string;
}

/** The server stopped with these seconds left on its lockouts and gone by in its sessions. */
export interface TimesKept {
  readonly locked_s: Readonly<Record<string, number>>;
  readonly sessions: Readonly<Record<string, KeptTime>>;
  readonly terminal: string;
}

/** A network was let in for a while, or put into quarantine. */
export interface NetworkOrdered {
  readonly order: NetworkOrder;
  readonly terminal: string;
}

export interface NetworkLifted {
  readonly network: string;
  readonly terminal: string;
}

export interface InterventionRaised {
  readonly intervention: Intervention;
  readonly terminal: string;
}

/** Somebody is on the way. The last claim counts. */
export interface InterventionClaimed {
  readonly intervention_id: string;
  readonly by: string;
  readonly claimed_at: number;
  readonly terminal: string;
}

/** What there is to see has changed: more was laid down, say. `evidence` is the whole of it. */
export interface InterventionRevised {
  readonly intervention_id: string;
  readonly evidence: Evidence;
  readonly terminal: string;
}

export interface InterventionResolved {
  readonly intervention_id: string;
  readonly outcome: Outcome;
  readonly by: string;
  readonly resolved_at: number;
  readonly note: string;
  readonly terminal: string;
}

/** A line costs what somebody of the staff decided. `line` is the whole line as it stands now. */
export interface PriceOverridden {
  readonly basket_id: string;
  readonly line: Line;
  readonly totals: Totals;
  readonly by: string;
  readonly reason: string;
  readonly terminal: string;
}

/** From here on `tare_g` in the bagging area is no item: bags and accepted differences. */
export interface BaggingTared {
  readonly basket_id: string;
  readonly tare_g: number;
  readonly reason: string;
  readonly by: string;
  readonly terminal: string;
}

/** `pieces` of this line, all of them together, may stay out of the bagging area. */
export interface BaggingSkipped {
  readonly basket_id: string;
  readonly line_id: number;
  readonly pieces: number;
  readonly by: string;
  readonly terminal: string;
}

/** What one piece of an item weighs, as far as is known now. */
export interface WeightLearned {
  readonly learned: LearnedWeight;
  readonly terminal: string;
}

export interface BasketOpened {
  readonly basket_id: string;
  readonly day: string;
  readonly opened_at: number;
  readonly is_training: boolean;
  readonly terminal: string;
}

/** A line was added, or its quantity grew. `line` is the whole line as it stands now. */
export interface ItemScanned {
  readonly basket_id: string;
  readonly line: Line;
  readonly totals: Totals;
  readonly terminal: string;
}

export interface QuantityChanged {
  readonly basket_id: string;
  readonly line: Line;
  readonly totals: Totals;
  readonly terminal: string;
}

/** A line was taken back. `reason` is what staff said about it; the customer's own have none. */
export interface LineVoided {
  readonly basket_id: string;
  readonly line: Line;
  readonly totals: Totals;
  readonly reason: string;
  readonly terminal: string;
}

/** What the offers take off these lines has changed. `lines` are the whole lines as they stand now. */
export interface PromotionsApplied {
  readonly basket_id: string;
  readonly lines: readonly Line[];
  readonly totals: Totals;
  readonly terminal: string;
}

export interface TenderStarted {
  readonly basket_id: string;
  readonly tender: TenderKind;
  readonly due_cents: number;
  readonly terminal: string;
}

export interface TenderLeft {
  readonly basket_id: string;
  readonly terminal: string;
}

/** Money and goods have changed hands. The receipt holds everything, for ever. */
export interface BasketPaid {
  readonly basket_id: string;
  readonly receipt: Receipt;
  readonly terminal: string;
}

export interface BasketVoided {
  readonly basket_id: string;
  readonly reason: string;
  readonly by: string;
  readonly terminal: string;
}

export interface BasketSuspended {
  readonly basket_id: string;
  readonly terminal: string;
}

/** `terminal` is where it goes on; `from_terminal` is where it was parked. */
export interface BasketResumed {
  readonly basket_id: string;
  readonly from_terminal: string;
  readonly terminal: string;
}

export interface TerminalAdded {
  readonly added: Terminal;
  readonly terminal: string;
}

/** The terminal is out of the house; every socket of it must close. */
export interface TerminalRetired {
  readonly terminal: string;
}

/** The state of a terminal's screen changed. `since` is ms since 1970, UTC. */
export interface TerminalMoved {
  readonly state: string;
  readonly since: number;
  readonly terminal: string;
}

/** What is sold at this lane from now on is practice, or counts again. */
export interface TrainingSwitched {
  readonly is_on: boolean;
  readonly by: string;
  readonly terminal: string;
}

/** New or changed items, at most 500 an event. */
export interface ItemsImported {
  readonly items: readonly Item[];
  readonly source: string;
  readonly terminal: string;
}

export interface SimulationSwitched {
  readonly is_on: boolean;
  readonly by: string;
  readonly terminal: string;
}

/** `day` is the business day's date in the store's zone, ISO 8601. */
export interface DayOpened {
  readonly day: string;
  readonly opened_at: number;
  readonly terminal: string;
}

export interface OrderPlaced {
  readonly basket_id: string;
  readonly due_cents: number;
  readonly terminal: string;
}

export interface OrderReleased {
  readonly basket_id: string;
  readonly by: string;
  readonly terminal: string;
}

export interface TicketFired {
  readonly ticket: Ticket;
  readonly terminal: string;
}

export interface TicketMoved {
  readonly ticket_id: string;
  readonly state: KitchenState;
  readonly by: string;
  readonly moved_at: number;
  readonly terminal: string;
}

/** New, changed or ended promotions, each with its new revision, at most 200 an event. */
export interface PromotionsImported {
  readonly promotions: readonly Promotion[];
  readonly source: string;
  readonly terminal: string;
}

/** A coupon was handed in with a basket. What it takes off follows as `promotions_applied`, if it does now. */
export interface CouponTaken {
  readonly basket_id: string;
  readonly coupon: HeldCoupon;
  readonly terminal: string;
}

/** The customer has the coupon with this code back; it counts no more. */
export interface CouponReturned {
  readonly basket_id: string;
  readonly code: string;
  readonly terminal: string;
}

/** Whoever scans the code of this fingerprint before `expires_at` (ms since 1970, UTC) takes the basket over. */
export interface HandOffOffered {
  readonly basket_id: string;
  readonly expires_at: number;
  readonly terminal: string;
}

/** A payment was asked for, or is in another state. `due_cents` is what is left to pay after it. */
export interface PaymentMoved {
  readonly basket_id: string;
  readonly payment: Payment;
  readonly due_cents: number;
  readonly terminal: string;
}

/** Goods come back: `basket` holds them with negative amounts, and why; BasketPaid writes the receipt of it. */
export interface RefundStarted {
  readonly basket: Basket;
  readonly by: string;
  readonly terminal: string;
}

/** A gift card was sold, loaded, redeemed or given money back. `card` is as it stands now. */
export interface GiftCardMoved {
  readonly card: GiftCard;
  readonly change_cents: number;
  readonly number_hash: string;
  readonly basket_id: string;
  readonly payment_id: string;
  readonly terminal: string;
}

export interface PrintAsked {
  readonly job: PrintJob;
  readonly terminal: string;
}

export interface ReceiptPrinted {
  readonly job: PrintJob;
  readonly terminal: string;
}

/** It did not come out, or nobody can know whether it did (`job.state` is `unknown` then). */
export interface PrintFailed {
  readonly job: PrintJob;
  readonly terminal: string;
}

/** A person has seen to a job that had failed or was unknown. */
export interface PrintSettled {
  readonly job: PrintJob;
  readonly terminal: string;
}

/** A fuelling point changed: `point` is the whole of it as it stands now. */
export interface PumpMoved {
  readonly point: FuellingPoint;
  readonly terminal: string;
}

/** The nozzle is back while fuel had flowed; the controller's totals follow with ReportFuelling. */
export interface NozzleHung {
  readonly terminal: string;
}

/** A fuelling ended and is payable: it became the only line of `basket_id`. */
export interface FuellingFinished {
  readonly basket_id: string;
  readonly transaction: number;
  readonly grade_id: string;
  readonly volume_ml: number;
  readonly unit_price_mills: number;
  readonly amount_cents: number;
  readonly terminal: string;
}

export interface Events {
  terminal_paired: TerminalPaired;
  pairing_denied: PairingDenied;
  staff_added: StaffAdded;
  secret_changed: SecretChanged;
  role_changed: RoleChanged;
  staff_retired: StaffRetired;
  signed_in: SignedIn;
  signed_out: SignedOut;
  secret_refused: SecretRefused;
  lock_lifted: LockLifted;
  access_refused: AccessRefused;
  times_kept: TimesKept;
  network_ordered: NetworkOrdered;
  network_lifted: NetworkLifted;
  intervention_raised: InterventionRaised;
  intervention_claimed: InterventionClaimed;
  intervention_revised: InterventionRevised;
  intervention_resolved: InterventionResolved;
  price_overridden: PriceOverridden;
  bagging_tared: BaggingTared;
  bagging_skipped: BaggingSkipped;
  weight_learned: WeightLearned;
  basket_opened: BasketOpened;
  item_scanned: ItemScanned;
  quantity_changed: QuantityChanged;
  line_voided: LineVoided;
  promotions_applied: PromotionsApplied;
  tender_started: TenderStarted;
  tender_left: TenderLeft;
  basket_paid: BasketPaid;
  basket_voided: BasketVoided;
  basket_suspended: BasketSuspended;
  basket_resumed: BasketResumed;
  terminal_added: TerminalAdded;
  terminal_retired: TerminalRetired;
  terminal_moved: TerminalMoved;
  training_switched: TrainingSwitched;
  items_imported: ItemsImported;
  simulation_switched: SimulationSwitched;
  day_opened: DayOpened;
  order_placed: OrderPlaced;
  order_released: OrderReleased;
  ticket_fired: TicketFired;
  ticket_moved: TicketMoved;
  promotions_imported: PromotionsImported;
  coupon_taken: CouponTaken;
  coupon_returned: CouponReturned;
  hand_off_offered: HandOffOffered;
  payment_moved: PaymentMoved;
  refund_started: RefundStarted;
  gift_card_moved: GiftCardMoved;
  print_asked: PrintAsked;
  receipt_printed: ReceiptPrinted;
  print_failed: PrintFailed;
  print_settled: PrintSettled;
  pump_moved: PumpMoved;
  nozzle_hung: NozzleHung;
  fuelling_finished: FuellingFinished;
}

export const EVENT_TYPES: ReadonlySet<string> = new Set([
  "terminal_paired",
  "pairing_denied",
  "staff_added",
  "secret_changed",
  "role_changed",
  "staff_retired",
  "signed_in",
  "signed_out",
  "secret_refused",
  "lock_lifted",
  "access_refused",
  "times_kept",
  "network_ordered",
  "network_lifted",
  "intervention_raised",
  "intervention_claimed",
  "intervention_revised",
  "intervention_resolved",
  "price_overridden",
  "bagging_tared",
  "bagging_skipped",
  "weight_learned",
  "basket_opened",
  "item_scanned",
  "quantity_changed",
  "line_voided",
  "promotions_applied",
  "tender_started",
  "tender_left",
  "basket_paid",
  "basket_voided",
  "basket_suspended",
  "basket_resumed",
  "terminal_added",
  "terminal_retired",
  "terminal_moved",
  "training_switched",
  "items_imported",
  "simulation_switched",
  "day_opened",
  "order_placed",
  "order_released",
  "ticket_fired",
  "ticket_moved",
  "promotions_imported",
  "coupon_taken",
  "coupon_returned",
  "hand_off_offered",
  "payment_moved",
  "refund_started",
  "gift_card_moved",
  "print_asked",
  "receipt_printed",
  "print_failed",
  "print_settled",
  "pump_moved",
  "nozzle_hung",
  "fuelling_finished",
]);

export interface Screens {
  lane: LaneScreen;
  stall: StallScreen;
  pump: PumpScreen;
  kitchen: KitchenScreen;
  pickup: KitchenScreen;
  display: DisplayScreen;
  manager: ManagerScreen;
}

export type ScreenName = keyof Screens;

export const INTERVENTION_RULES: Readonly<Record<InterventionKind, { readonly resolvers: readonly Role[]; readonly has_decision: boolean; readonly needs_note: boolean }>> = {
  assistance: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: false, needs_note: false },
  cash: { resolvers: [], has_decision: false, needs_note: false },
  payment: { resolvers: [], has_decision: false, needs_note: false },
  refund: { resolvers: [], has_decision: false, needs_note: false },
  pump_call: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: false, needs_note: false },
  age: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: false },
  unknown_item: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: false, needs_note: false },
  not_for_sale: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: false, needs_note: false },
  recalled: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: false, needs_note: false },
  expired: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: false, needs_note: false },
  quantity_cap: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: false },
  weight_mismatch: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: false },
  own_bag: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: false },
  void_above_limit: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: true },
  price_override: { resolvers: ["cashier", "manager", "owner", "local"], has_decision: true, needs_note: true },
  random_check: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: false },
  walk_off: { resolvers: ["attendant", "cashier", "manager", "owner", "local"], has_decision: true, needs_note: false },
};

/** An event as pushed: `prev` is the seq of the event before it in this audience. */
export type Pushed = {
  [K in keyof Events]: { seq: number; at: number; prev: number; type: K; data: Events[K] };
}[keyof Events];

export type CommandName = keyof Commands;

/** One command on its way: the same key with the same body is done once, however often it is sent. */
export type Order = {
  [K in CommandName]: { key: string; name: K; data: Commands[K] };
}[CommandName];

export interface Done {
  ok: true;
  seq: number;
  result: unknown;
}

export interface Refused {
  ok: false;
  code: RefusalCode;
  message: string;
  details?: Record<string, unknown>;
}

export type Reply = Done | Refused;

export interface Snapshot<S> {
  seq: number;
  screen: ScreenName;
  state: S;
  now: number;
  build: string;
}

/** The answer to `resync {seq}`. */
export type Resynced<S> = { events: Pushed[] } | { snapshot: Snapshot<S> };

export interface Live {
  topic: string;
  data: unknown;
}

export interface Notice {
  kind: "reload" | "closing" | "message";
  message?: string;
}
