import { t } from "../i18n/i18n";
import type { Said } from "./sentences";

// What /api/v1/network and /api/v1/network/explain answer, and their codes in words.

export interface Connection {
  readonly who: string;
  readonly role: string;
  readonly address: string;
  readonly proxy: string | null;
  readonly opened_at: number;
}

export interface Refusal {
  readonly who: string;
  readonly where: string;
  readonly what: string;
  readonly why: string;
  readonly count: number;
  readonly last_at: number;
}

export interface Drop {
  readonly address: string;
  readonly reason: string;
  readonly last_seen: number;
  readonly count: number;
}

export interface EffectiveNetwork {
  readonly network: string;
  readonly treatment: "allow" | "deny" | "quarantine" | "proxy";
  readonly why_said: Said;
  readonly remaining_s: number | null;
}

export interface NetworkView {
  readonly mode: string;
  readonly own_address: string;
  readonly connections: readonly Connection[];
  readonly networks: readonly EffectiveNetwork[];
  readonly drops: readonly Drop[];
  readonly refusals: readonly Refusal[];
  readonly drop_counts: readonly { readonly count: number }[];
}

export interface Explanation {
  readonly would_get_in: boolean;
  readonly client: string | null;
  readonly reason: string | null;
  readonly network: string | null;
  readonly open_zones: readonly string[];
  readonly closed_zones: readonly string[];
  readonly is_proxy: boolean;
  readonly is_own_machine: boolean;
  readonly steps_said: readonly Said[];
}

/** What a standing order did, another order can undo; settings it cannot. */
export function mayLift(one: EffectiveNetwork): boolean {
  return one.treatment === "quarantine" || (one.treatment === "allow" && one.remaining_s !== null);
}

export function treatmentWord(treatment: string): string {
  const words: Record<string, () => string> = {
    allow: () => t("Let in"),
    deny: () => t("Turned away"),
    quarantine: () => t("Quarantine"),
    proxy: () => t("Trusted proxy"),
  };
  return words[treatment]?.() ?? treatment;
}

/** Why somebody was turned away; a code that this page does not know shows itself. */
export function reasonText(reason: string): string {
  const texts: Record<string, () => string> = {
    no_address: () => t("The connection showed no address."),
    unparsable: () => t("That is no address."),
    denied: () => t("The settings turn its network away."),
    quarantined: () => t("It is in quarantine."),
    not_allowed: () => t("It is in no network that is let in."),
    private_mode: () => t("Only the server itself is let in (mode private)."),
    proxy_only: () => t("People are let in only through a trusted proxy (mode public)."),
    proxy_itself: () => t("A trusted proxy spoke for itself."),
    foreign_loopback: () => t("A proxy forwarded an address that exists only inside a machine."),
    no_tls: () => t("It came without encryption, which mode public asks for."),
    bad_forwarding: () => t("A trusted proxy forwarded it without a proper address."),
    wrong_host: () => t("It asked for a host name that is not ours."),
    wrong_zone: () => t("Its network may not open that screen."),
    wrong_origin: () => t("A page of another site sent it here."),
  };
  return texts[reason]?.() ?? reason;
}
