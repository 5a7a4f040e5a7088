import { useState } from "preact/hooks";
import { tick } from "../../design/Age";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { Money } from "../../design/Money";
import { Qr } from "../../design/Qr";
import { Sheet } from "../../design/Sheet";
import { clock, terminalName } from "../../i18n/format";
import { t, tn } from "../../i18n/i18n";
import { judge } from "../../shell/Trouble";
import type { ManagerScreen, Pushed } from "../../wire/types";
import { isOnline, link } from "../model";
import { Looked, Nothing } from "../parts";
import { Reading, useReading } from "../reads";
import { ago } from "../times";

interface ParkedBasket {
  readonly basket_id: string;
  readonly terminal: string;
  readonly items: number;
  readonly total_cents: number;
  readonly opened_at: number;
}

interface HandOff {
  readonly code: string;
  readonly expires_at: number;
}

const EVERY_MS = 30_000;
const EVENTS: ReadonlySet<Pushed["type"]> = new Set(["basket_suspended", "basket_resumed", "basket_voided", "terminal_retired"]);
const parked = new Reading<{ baskets: readonly ParkedBasket[] }>("/api/v1/baskets/parked");

interface ParkedProps {
  state: ManagerScreen;
  /** It lies in a sheet already. */
  isOver?: boolean;
}

/** Baskets that were put aside. A code lets any open lane go on with one. */
export function Parked({ state, isOver = false }: ParkedProps) {
  const look = useReading(parked, EVERY_MS, EVENTS);
  const [code, setCode] = useState<HandOff | null>(null);

  async function show(basket_id: string): Promise<void> {
    const reply = await link.send("hand_off_basket", { basket_id });
    if (judge(reply) && reply.ok) setCode(reply.result as HandOff);
  }

  // In a lane's sheet there is a word about them only where there are some.
  if (isOver && !look.data?.baskets.length) return null;
  return (
    <section class="card" aria-label={t("Parked baskets")}>
      <h3>{t("Parked baskets")}</h3>
      <Looked look={look} onAgain={() => parked.load()}>
        {({ baskets }) =>
          baskets.length === 0 ? (
            <Nothing icon="basket" text={t("No basket is parked.")} />
          ) : (
            <ul class="rows">
              {baskets.map((one) => (
                <li class="row" key={one.basket_id}>
                  <Icon name="basket" />
                  <div class="what">
                    <b>{terminalName(one.terminal)}</b>
                    <small>{ago(tick.value - Date.now() + link.now() - one.opened_at)}</small>
                  </div>
                  <div class="seen">
                    <span class="number">{tn("{n} item", "{n} items", one.items)}</span>
                    <Money cents={one.total_cents} />
                  </div>
                  <div class="deeds">
                    <Button icon="handoff" isDisabled={!isOnline.value} onPress={() => show(one.basket_id)}>
                      {t("Code for a lane")}
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Looked>
      {code && (
        <Sheet title={t("Scan this at any open lane")} isOver={isOver} onClose={() => setCode(null)}>
          <div class="form">
            <Qr text={code.code} label={t("Code of your basket")} />
            <p class="note">{t("The basket goes on there. The code is good until {time}.", { time: clock(code.expires_at, state.store.zone) })}</p>
          </div>
        </Sheet>
      )}
    </section>
  );
}
