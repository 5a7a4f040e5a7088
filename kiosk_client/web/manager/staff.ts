import type { StaffRole } from "../wire/types";

// What /api/v1/staff answers, and who may do what to whom; the server looks again.

export interface Member {
  readonly name: string;
  readonly role: StaffRole;
  readonly secret_kind: "pin" | "password";
  readonly is_retired: boolean;
  readonly wrong_tries: number;
  readonly locked_s: number;
}

export interface Session {
  readonly session_id: string;
  readonly person: string;
  readonly idle_s: number;
  readonly is_own: boolean;
}

export interface Staff {
  readonly staff: readonly Member[];
  readonly sessions: readonly Session[];
}

export const STAFF_ROLES: readonly StaffRole[] = ["attendant", "kitchen", "cashier", "manager", "owner"];
const MANAGED_BY_MANAGERS: ReadonlySet<StaffRole> = new Set(["attendant", "kitchen", "cashier"]);

/** Owners manage everybody, managers those below them. */
export function mayManage(actor: string, target: StaffRole): boolean {
  return actor === "owner" || (actor === "manager" && MANAGED_BY_MANAGERS.has(target));
}
