import { signal } from "@preact/signals";
import { newKey } from "../wire/key";
import { isServing } from "./later";
import type { CommandName, Commands, Refused, Reply } from "../wire/types";

// Staff at this lane. Their token lives here and nowhere else: a reload forgets it, and so does the next customer.

export interface Servant {
  readonly person: string;
  readonly role: string;
}

export const servant = signal<Servant | null>(null);
export const refusedService = signal<Refused | null>(null);

let token = "";

export async function signIn(person: string, secret: string): Promise<void> {
  const answer = await ask<Servant & { token: string }>("/api/v1/service", { person, secret });
  if (!answer) return;
  token = answer.token;
  servant.value = { person: answer.person, role: answer.role };
}

/** Back to the customer, at once here and a moment later on the server. */
export function leave(): void {
  isServing.value = false;
  servant.value = null;
  refusedService.value = null;
  const left = token;
  token = "";
  if (left) void ask("/api/v1/service/end", {}, left);
}

/** A command by whoever is signed in here; false where it was refused, and `refusedService` says why. */
export async function serve<N extends CommandName>(name: N, data: Commands[N]): Promise<boolean> {
  const answer = await ask<Reply>("/api/v1/commands", { key: newKey(), name, data }, token);
  return answer !== null;
}

async function ask<T>(path: string, body: object, bearer = ""): Promise<T | null> {
  const headers = { "Content-Type": "application/json", ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) };
  refusedService.value = null;
  try {
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
    const said = (await answer.json()) as T | Refused;
    if (answer.ok) return said as T;
    refusedService.value = said as Refused;
    // Signed out meanwhile, by time or by a colleague: nothing here may look as if somebody still were.
    if (bearer && answer.status === 401) servant.value = null;
  } catch {
    refusedService.value = { ok: false, code: "busy", message: "" };
  }
  return null;
}
