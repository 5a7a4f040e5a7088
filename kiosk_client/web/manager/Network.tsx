import { Button } from "../design/Button";
import { tick } from "../design/Age";
import { Icon } from "../design/Icon";
import { Light, type Tone } from "../design/Light";
import { t, tn } from "../i18n/i18n";
import type { ManagerScreen, Pushed } from "../wire/types";
import { Connected } from "./Connected";
import { Test } from "./NetworkTest";
import { Refusals } from "./Refusals";
import { ask, isOnline, link } from "./model";
import { type Drop, type EffectiveNetwork, type NetworkView, mayLift, reasonText, treatmentWord } from "./networks";
import { Looked, Nothing } from "./parts";
import { Reading, useReading } from "./reads";
import { sentence } from "./sentences";
import { ago, lasting } from "./times";

const CHANGED: ReadonlySet<Pushed["type"]> = new Set(["network_ordered", "network_lifted", "access_refused"]);
const TONES: Record<string, Tone> = { allow: "good", proxy: "good", deny: "stop", quarantine: "stop" };
export const HOUR_S = 3_600;

const reading = new Reading<NetworkView>("/api/v1/network");

/** Who comes in from where, who was turned away and why, and which networks count. */
export function Network(_: { state: ManagerScreen }) {
  const look = useReading(reading, 5_000, CHANGED);
  return (
    <div class="office">
      <header>
        <h2>{t("Network")}</h2>
      </header>
      <Test />
      <Looked look={look} onAgain={() => reading.load()}>
        {(data) => (
          <>
            <Drops data={data} />
            <Connected data={data} />
            <Refusals data={data} />
            <Networks data={data} />
          </>
        )}
      </Looked>
    </div>
  );
}

function Drops({ data }: { data: NetworkView }) {
  const all = data.drop_counts.reduce((sum, row) => sum + row.count, 0);
  return (
    <section aria-label={t("Turned away")}>
      <h3>
        {t("Turned away")} <small>{t("{n} since the start", { n: all })}</small>
      </h3>
      {data.drops.length === 0 ? (
        <Nothing icon="check" text={t("Nobody was turned away since the server started.")} />
      ) : (
        <ul class="rows">
          {data.drops.map((drop) => (
            <li key={drop.address}>
              <DropRow drop={drop} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function DropRow({ drop }: { drop: Drop }) {
  const now = tick.value - Date.now() + link.now();
  return (
    <article class="row" aria-label={drop.address}>
      <Icon name="stop" />
      <div class="what">
        <b class="number" dir="ltr">
          {drop.address}
        </b>
        <small>{reasonText(drop.reason)}</small>
      </div>
      <div class="seen">
        <span>{tn("{n} try", "{n} tries", drop.count)}</span>
        <small>{ago(now - drop.last_seen)}</small>
      </div>
      <Deeds address={drop.address} canAllow={drop.reason === "not_allowed"} canQuarantine={drop.reason !== "quarantined"} />
    </article>
  );
}

/** One tap lets an address in for an hour, another turns it away until that is lifted. */
export function Deeds({ address, canAllow, canQuarantine }: { address: string; canAllow: boolean; canQuarantine: boolean }) {
  return (
    <div class="deeds">
      {canAllow && (
        <Button
          label={t("Let {address} in for an hour", { address })}
          isDisabled={!isOnline.value}
          onPress={() => ask("allow_network", { network: address, duration_s: HOUR_S })}
        >
          {t("Let in for an hour")}
        </Button>
      )}
      {canQuarantine && (
        <Button
          look="danger"
          label={t("Quarantine {address}", { address })}
          isDisabled={!isOnline.value}
          onPress={() => ask("quarantine_network", { network: address })}
        >
          {t("Quarantine")}
        </Button>
      )}
    </div>
  );
}

function Networks({ data }: { data: NetworkView }) {
  return (
    <section aria-label={t("Networks that count")}>
      <h3>{t("Networks that count")}</h3>
      <ul class="rows">
        {data.networks.map((one) => (
          <li key={`${one.network} ${one.treatment}`}>
            <NetworkRow one={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function NetworkRow({ one }: { one: EffectiveNetwork }) {
  return (
    <article class="row" aria-label={one.network}>
      <Icon name="network" />
      <div class="what">
        <b class="number" dir="ltr">
          {one.network}
        </b>
        <small>{sentence(one.why_said)}</small>
      </div>
      <div class="seen">
        <Light tone={TONES[one.treatment] ?? "idle"} word={treatmentWord(one.treatment)} />
        {one.remaining_s !== null && <small>{t("for {time} more", { time: lasting(one.remaining_s) })}</small>}
      </div>
      <div class="deeds">
        {mayLift(one) && (
          <Button
            label={t("Take back the order about {network}", { network: one.network })}
            isDisabled={!isOnline.value}
            onPress={() => ask("lift_network", { network: one.network })}
          >
            {t("Take back")}
          </Button>
        )}
      </div>
    </article>
  );
}
