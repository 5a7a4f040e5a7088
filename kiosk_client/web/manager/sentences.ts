import { t } from "../i18n/i18n";
import { reasonText } from "./networks";
import { roleWord } from "./words";

/** A sentence of the server's own: what it says, by code and values; `text` is its English. */
export interface Said {
  readonly code: string;
  readonly values: Readonly<Record<string, string | Said>>;
  readonly text: string;
}

type Values = Record<string, string>;

const ABOUT: Record<string, (values: Values) => string> = {
  // why a network counts
  rfc1918: () => t("Private networks (RFC 1918) are let in."),
  ula: () => t("Private IPv6 networks are let in."),
  ipv6_ula: () => t("Private IPv6 networks are let in."),
  "link-local": () => t("IPv6 addresses of the same cable are let in."),
  ipv6_link_local: () => t("IPv6 addresses of the same cable are let in."),
  loopback: () => t("This server itself is always let in."),
  own_machine: () => t("This server itself is always let in."),
  own_subnet: (values) => t("It is the server's own network: {name} has the address {address}.", values),
  named: () => t("The settings name it (network.allow)."),
  named_public: () => t("The settings name it (network.allow), though people on the internet may hold its addresses."),
  proxy: () => t("The settings name it as a trusted proxy (network.trusted_proxies)."),
  denied: () => t("The settings turn it away (network.deny)."),
  ordered: (values) => t("Ordered by {by}.", values),
  ordered_because: (values) => t("Ordered by {by}: {note}", values),
  // how an address is judged
  no_address: (values) => t("{text} is no address.", values),
  own_address: (values) => t("{address} is this server itself.", values),
  spelt: (values) => t("{text} is the address {address}.", values),
  comes_from: (values) => t("The connection comes from {address}.", values),
  speaks_for: (values) => t("It is a trusted proxy and speaks for {client}.", values),
  no_proxy: () => t("It is no trusted proxy, so what it forwards counts for nothing."),
  our_name: (values) => t("It asks for {host}, which is one of our names.", values),
  let_in: (values) => `${t("{client} is let in by {network}.", values)} ${values["why"]}`,
  turned_away: (values) => `${t("It is turned away ({status}).", values)} ${values["why"]}`,
  // what ails the store
  disk_fails: (values) => t("The disk of the store fails: {problem}", values),
  disk_full: (values) => t("The disk of the store is full: {free} MB are free, {least} MB are needed.", values),
  fault: (values) => t("The server has a fault, which its log names: {problem}", values),
  damaged: (values) => t("The store is damaged: {damage}. Stop the server; it will name the last good backup.", values),
  no_backup: (values) => t("There is no backup in {folder}.", values),
  backup_unreadable: (values) => t("The backup {path} cannot be read: {problem}", values),
  backup_damaged: (values) =>
    t("The backup {path} is not what was written: {size} of {bytes} bytes, or another checksum. Use an older one, and look at the disk it lies on.", values),
  backup_wrong: (values) => t("The backup {path} could be restored, but is not right: {problem}.", values),
};

/** In the language of the page; a code that this page does not know is said in English. */
export function sentence(said: Said): string {
  if (said.code === "closed_zones") {
    const zones = String(said.values["zones"]).split(", ").map(roleWord).join(", ");
    return t("Closed to it: {zones}.", { zones });
  }
  const about = ABOUT[said.code];
  return about ? about(valuesOf(said)) : said.text;
}

function valuesOf(said: Said): Values {
  const entries = Object.entries(said.values).map(([name, value]) => {
    if (typeof value !== "string") return [name, said.code === "turned_away" ? reasonText(value.code) : sentence(value)];
    return [name, `\u2068${value}\u2069`]; // an address stays whole among words that are written from the right
  });
  return Object.fromEntries(entries) as Values;
}
