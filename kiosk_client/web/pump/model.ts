import { computed } from "@preact/signals";
import { judge } from "../shell/Trouble";
import { Link } from "../wire/link";
import { tileAfter } from "../wire/reduce";
import type { Grade, Item, PumpScreen, Pushed } from "../wire/types";

export const link = new Link<PumpScreen>({
  screen: "pump",
  reduce,
  onLateAnswer: (_order, reply) => void judge(reply),
});

export const isOnline = computed(() => link.status.value === "live" || link.status.value === "late");

export function reduce(state: PumpScreen, event: Pushed): PumpScreen {
  const next = { ...state, terminal: tileAfter(state.terminal, event) };
  switch (event.type) {
    case "pump_moved":
      return { ...next, point: event.data.point };
    case "fuelling_finished":
      return { ...next, receipt: null };
    case "basket_paid":
      return { ...next, receipt: event.data.receipt };
    case "items_imported":
      return { ...next, grades: gradesAfter(state.grades, event.data.items) };
    default:
      return next;
  }
}

function gradesAfter(grades: readonly Grade[], imported: readonly Item[]): readonly Grade[] {
  const changed = new Map<string, Grade>();
  for (const { item_id, name, kind, unit_price_mills } of imported) {
    if (kind === "fuel" && unit_price_mills !== null) changed.set(item_id, { item_id, name, unit_price_mills });
  }
  const kept = grades.map((grade) => changed.get(grade.item_id) ?? grade);
  const known = new Set(grades.map((grade) => grade.item_id));
  return [...kept, ...[...changed.values()].filter((grade) => !known.has(grade.item_id))];
}

export async function lift(grade_id: string): Promise<void> {
  judge(await link.send("lift_nozzle", { grade_id }));
}

export async function hang(): Promise<void> {
  judge(await link.send("hang_nozzle", {}));
}

export async function callHelp(): Promise<void> {
  judge(await link.send("call_attendant", {}));
}
