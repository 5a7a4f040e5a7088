import { useMemo, useState } from "preact/hooks";
import { Banner } from "../design/Banner";
import { Button } from "../design/Button";
import { Line } from "../design/Line";
import { Money } from "../design/Money";
import { t } from "../i18n/i18n";
import type { Basket, Pushed, Tile } from "../wire/types";
import { Reasons } from "./calls/Reasons";
import { VOID_REASONS } from "./calls/said";
import { isOnline } from "./model";
import { Looked, useOrders } from "./parts";
import { Reading, useReading } from "./reads";

const CHANGES: ReadonlySet<Pushed["type"]> = new Set([
  "item_scanned",
  "quantity_changed",
  "line_voided",
  "price_overridden",
  "promotions_applied",
  "tender_started",
  "tender_left",
  "payment_moved",
  "basket_paid",
  "basket_voided",
  "basket_suspended",
  "basket_resumed",
]);
const EVERY_MS = 30_000;

/** What lies in the basket of a lane or stall right now, and what staff may take out of it. */
export function LaneBasket({ tile, basket_id }: { tile: Tile; basket_id: string }) {
  const reading = useMemo(() => new Reading<Basket>(`/api/v1/baskets/${encodeURIComponent(basket_id)}`), [basket_id]);
  const isAbout = (event: Pushed) => event.data.terminal === tile.name;
  const look = useReading(reading, EVERY_MS, CHANGES, isAbout);
  return (
    <section class="lane-basket" aria-label={t("Basket")}>
      <Looked look={look} onAgain={() => reading.load()}>
        {(basket) => <Lines basket={basket} />}
      </Looked>
    </section>
  );
}

function Lines({ basket }: { basket: Basket }) {
  const [asked, setAsked] = useState<number | "all" | null>(null);
  const { give, shown } = useOrders();
  const { basket_id } = basket;
  const isOpen = basket.state === "open";
  const isUnpaid = isOpen || basket.state === "tendering";
  const name = asked === "all" ? "" : (basket.lines.find((line) => line.line_id === asked)?.name ?? "");

  async function say(reason: string): Promise<void> {
    const isDone =
      asked === "all"
        ? await give("void_basket", { basket_id, reason })
        : asked !== null && (await give("void_basket_line", { basket_id, line_id: asked, reason }));
    if (isDone) setAsked(null);
  }

  return (
    <>
      {basket.state === "tendering" && <Banner tone="wait" icon="cash" text={t("The customer is paying. Single lines can be taken back when they go back from paying.")} />}
      <ul class="lines">
        {basket.lines.map((line) => (
          <li key={line.line_id}>
            <Line line={line}>
              {isOpen && !line.is_voided && line.kind !== "fuel" && (
                <Button
                  look="plain"
                  icon="trash"
                  label={t("Take back {name}", { name: line.name })}
                  isPressed={asked === line.line_id}
                  isDisabled={!isOnline.value}
                  onPress={() => setAsked(line.line_id)}
                />
              )}
            </Line>
          </li>
        ))}
      </ul>
      <p class="sum">
        <span>{t("Total")}</span>
        <b>
          <Money cents={basket.totals.total_cents} />
        </b>
      </p>
      {shown}
      {asked !== null && isUnpaid ? (
        <Reasons
          name={asked === "all" ? t("Take back the whole basket, because:") : t("Take back {name}, because:", { name })}
          offered={VOID_REASONS}
          deed={t("Take back")}
          look="danger filled"
          onSay={say}
          onBack={() => setAsked(null)}
        />
      ) : (
        isUnpaid && (
          <Button look="danger" icon="trash" isDisabled={!isOnline.value} onPress={() => setAsked("all")}>
            {t("Take back the whole basket")}
          </Button>
        )
      )}
    </>
  );
}
