import { useState } from "preact/hooks";
import { tick } from "../design/Age";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { terminalName } from "../i18n/format";
import { t } from "../i18n/i18n";
import { isOnline, link } from "./model";
import type { Connection, NetworkView } from "./networks";
import { ConfirmSheet, Nothing } from "./parts";
import { ago } from "./times";
import { roleWord } from "./words";

const LOOPBACK = /^(127\.|::1$)/;

/** Who is connected from where; each address but one's own can be turned away. */
export function Connected({ data }: { data: NetworkView }) {
  const [unwanted, setUnwanted] = useState<string | null>(null);
  return (
    <section aria-label={t("Connected now")}>
      <h3>
        {t("Connected now")} <small class="number">{data.connections.length}</small>
      </h3>
      {data.connections.length === 0 && <Nothing icon="terminals" text={t("No screen is connected.")} />}
      <ul class="rows">
        {[...data.connections].sort(byAddress).map((one) => (
          <li key={`${one.who} ${one.opened_at} ${one.address}`}>
            <Row one={one} own={data.own_address} onUnwanted={setUnwanted} />
          </li>
        ))}
      </ul>
      {unwanted !== null && (
        <ConfirmSheet
          title={t("Turn {address} away?", { address: unwanted })}
          text={t("Whoever is at this address is cut off at once, until you take it back: {names}.", { names: namesAt(unwanted, data) })}
          deed={t("Quarantine")}
          onConfirm={(give) => give("quarantine_network", { network: unwanted })}
          onClose={() => setUnwanted(null)}
        />
      )}
    </section>
  );
}

interface RowProps {
  one: Connection;
  own: string;
  onUnwanted: (address: string) => void;
}

function Row({ one, own, onUnwanted }: RowProps) {
  const now = tick.value - Date.now() + link.now();
  const isOwn = one.address === own;
  return (
    <article class="row" aria-label={`${terminalName(one.who)} ${one.address}`}>
      <Icon name="terminals" />
      <div class="what">
        <b>{terminalName(one.who)}</b>
        <small>{roleWord(one.role)}</small>
      </div>
      <div class="seen">
        <span class="number" dir="ltr">
          {one.address}
        </span>
        <small>{one.proxy ? t("through {proxy}", { proxy: one.proxy }) : isOwn ? t("your address") : ""}</small>
      </div>
      <small class="when">{ago(now - one.opened_at)}</small>
      <div class="deeds">
        {!isOwn && !LOOPBACK.test(one.address) && (
          <Button
            look="danger"
            label={t("Quarantine {address}", { address: one.address })}
            isDisabled={!isOnline.value}
            onPress={() => onUnwanted(one.address)}
          >
            {t("Quarantine")}
          </Button>
        )}
      </div>
    </article>
  );
}

function namesAt(address: string, data: NetworkView): string {
  const names = data.connections.filter((one) => one.address === address).map((one) => terminalName(one.who));
  return [...new Set(names)].join(", ");
}

function byAddress(one: Connection, other: Connection): number {
  return one.address.localeCompare(other.address, "en", { numeric: true }) || one.who.localeCompare(other.who, "en", { numeric: true });
}
