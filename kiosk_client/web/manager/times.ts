import { locale } from "../i18n/i18n";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", DAY],
  ["hour", 3_600 * SECOND],
  ["minute", 60 * SECOND],
  ["second", SECOND],
];

/** A length of time that is over, in words: "3 minutes ago", "yesterday". */
export function ago(ms: number): string {
  const [unit, size] = STEPS.find(([, length]) => ms >= length) ?? ["second", SECOND];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.floor(Math.max(0, ms) / size), unit);
}

/** So many hours or minutes, in words. */
export function lasting(seconds: number): string {
  const [unit, count] = seconds >= 3_570 ? (["hour", seconds / 3_600] as const) : (["minute", seconds / 60] as const);
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(Math.max(1, Math.round(count)));
}

/** Bytes as people read them: megabytes below one gigabyte. */
export function size(bytes: number): string {
  const [unit, count] = bytes >= 1e9 ? (["gigabyte", bytes / 1e9] as const) : (["megabyte", bytes / 1e6] as const);
  return new Intl.NumberFormat(locale(), { style: "unit", unit, maximumFractionDigits: 1 }).format(count);
}

/** The time of day to the second, as the store's clocks show it. */
export function exactClock(at: number, zone: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone }).format(at);
}

function secondOfDay(at: number, zone: string): number {
  const options = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23", timeZone: zone } as const;
  const parts = new Intl.DateTimeFormat("en", options).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return part("hour") * 3_600 + part("minute") * 60 + part("second");
}

/** When the day of a moment began in the store's zone; also on the two days a year that are not 24 hours long. */
export function startOfDay(at: number, zone: string): number {
  const guess = Math.floor(at / SECOND) * SECOND - secondOfDay(at, zone) * SECOND;
  const off = secondOfDay(guess, zone) * SECOND;
  return off === 0 ? guess : guess + (off > DAY / 2 ? DAY - off : -off);
}

/** An ISO date with its year: what is out of date may be so since last year. */
export function fullDay(day: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));
}

/** A weight as scales say it. */
export function grams(value_g: number): string {
  return new Intl.NumberFormat(locale(), { style: "unit", unit: "gram", maximumFractionDigits: 0 }).format(value_g);
}
