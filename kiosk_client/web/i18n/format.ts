import { locale, t } from "./i18n";

const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function once<F extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => F): F {
  let found = made.get(key) as F | undefined;
  if (!found) made.set(key, (found = make()));
  return found;
}

function currencyFormat(currency: string): Intl.NumberFormat {
  return once(`money ${locale()} ${currency}`, () => new Intl.NumberFormat(locale(), { style: "currency", currency }));
}

/** How many minor units one of the currency has: 100 for EUR, 1 for JPY, 1000 for KWD. */
export function minorUnits(currency: string): number {
  return 10 ** (currencyFormat(currency).resolvedOptions().maximumFractionDigits ?? 2);
}

export function money(cents: number, currency: string): string {
  return currencyFormat(currency).format(cents / minorUnits(currency));
}

/** Money without cents, for charts and large sums. */
export function roundMoney(cents: number, currency: string): string {
  const format = once(
    `round ${locale()} ${currency}`,
    () => new Intl.NumberFormat(locale(), { style: "currency", currency, maximumFractionDigits: 0 }),
  );
  return format.format(cents / minorUnits(currency));
}

/** A number with exactly `places` decimals. */
export function decimal(value: number, places: number): string {
  const format = once(
    `decimal ${locale()} ${places}`,
    () => new Intl.NumberFormat(locale(), { minimumFractionDigits: places, maximumFractionDigits: places }),
  );
  return format.format(value);
}

/** Thousandths of the currency unit, as fuel prices are written: 1.799. */
export function mills(value: number): string {
  return decimal(value / 1_000, 3);
}

/** As scales show it: 0.742. */
export function kilograms(weight_g: number): string {
  return decimal(weight_g / 1_000, 3);
}

export function litres(volume_ml: number): string {
  return decimal(volume_ml / 1_000, 2);
}

export function clock(at: number, zone: string): string {
  const options = { hour: "2-digit", minute: "2-digit", timeZone: zone } as const;
  return once(`clock ${locale()} ${zone}`, () => new Intl.DateTimeFormat(locale(), options)).format(at);
}

/** The weekday of a moment, in words. */
export function weekday(at: number, zone: string): string {
  const options = { weekday: "long", timeZone: zone } as const;
  return once(`weekday ${locale()} ${zone}`, () => new Intl.DateTimeFormat(locale(), options)).format(at);
}

export function dayAndTime(at: number, zone: string): string {
  const options = { dateStyle: "medium", timeStyle: "short", timeZone: zone } as const;
  return once(`day ${locale()} ${zone}`, () => new Intl.DateTimeFormat(locale(), options)).format(at);
}

/** The date of a business day, `2026-11-20`, in words. */
export function dayName(day: string): string {
  const options = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" } as const;
  return once(`date ${locale()}`, () => new Intl.DateTimeFormat(locale(), options)).format(new Date(`${day}T12:00:00Z`));
}

/** The hour of a moment in the store's zone, 0 to 23. */
export function hourOf(at: number, zone: string): number {
  const options = { hour: "numeric", hourCycle: "h23", timeZone: zone } as const;
  return Number(once(`hour ${zone}`, () => new Intl.DateTimeFormat("en", options)).format(at));
}

/** A length of time as people read a waiting clock: 0:41, 12:05, 1:02:09. */
export function waited(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const KINDS = ["lane", "stall", "pump", "kitchen", "pickup"] as const;
const LETTERS_AND_NUMBER = /^([a-z]+)[-_ ]?0*(\d*)$/i;

/** A terminal's name for people: `lane-3` and `L3` are "Lane 3"; a name of the store's own stays as it is. */
export function terminalName(name: string): string {
  const [, letters = "", number = ""] = LETTERS_AND_NUMBER.exec(name) ?? [];
  const kind = KINDS.find((known) => known === letters.toLowerCase() || (known[0] === letters.toLowerCase() && number));
  const names = {
    lane: () => t("Lane {number}", { number }),
    stall: () => t("Stall {number}", { number }),
    pump: () => t("Pump {number}", { number }),
    kitchen: () => t("Kitchen {number}", { number }),
    pickup: () => t("Pickup {number}", { number }),
  };
  return kind ? names[kind]().trim() : name;
}
