import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Line } from "../../design/Line";
import { Money } from "../../design/Money";
import { dayAndTime, terminalName } from "../../i18n/format";
import { t } from "../../i18n/i18n";
import type { ManagerScreen } from "../../wire/types";
import { Reasons } from "../calls/Reasons";
import { REFUND_REASONS } from "../calls/said";
import { isOnline } from "../model";
import { problemText, useOrders } from "../parts";
import { read } from "../reads";
import { tenderWord } from "../words";
import { type Back, type LeftLine, type RefundOffer, type Wanted, asQuery, within } from "./refunds";

interface RefundFormProps {
  offer: RefundOffer;
  state: ManagerScreen;
  onDone: () => Promise<void>;
}

/** What comes back, piece by piece, and where its money goes; the server works both out. */
export function RefundForm({ offer, state, onDone }: RefundFormProps) {
  const [picked, setWanted] = useState<Wanted>(new Map());
  const wanted = useMemo(() => within(picked, offer), [picked, offer]);
  const [isAsking, setAsking] = useState(false);
  const { give, shown } = useOrders();
  const count = [...wanted.values()].reduce((sum, pieces) => sum + pieces, 0);
  const preview = usePreview(offer.number, wanted, count);

  const set = (line_id: number, pieces: number) => {
    setWanted(new Map(wanted).set(line_id, pieces));
    setAsking(false);
  };

  async function refund(reason: string): Promise<void> {
    const lines = [...wanted].filter(([, quantity]) => quantity > 0).map(([line_id, quantity]) => ({ line_id, quantity }));
    if (!(await give("refund_receipt", { receipt_number: offer.number, reason, lines }))) return;
    setWanted(new Map());
    setAsking(false);
    await onDone();
  }

  return (
    <div class="refund">
      <Head offer={offer} zone={state.store.zone} />
      <ul class="rows">
        {offer.lines.map((row) => (
          <li key={row.line.line_id}>
            <Returnable row={row} pieces={wanted.get(row.line.line_id) ?? 0} isOff={offer.why_not !== ""} onSet={set} />
          </li>
        ))}
      </ul>
      {offer.why_not === "" && (
        <div class="chips">
          <Button look="chip" onPress={() => setWanted(new Map(offer.lines.map(({ line, left }) => [line.line_id, left])))}>
            {t("Everything that is left")}
          </Button>
          <Button look="chip" isDisabled={count === 0} onPress={() => setWanted(new Map())}>
            {t("Nothing")}
          </Button>
        </div>
      )}
      {preview.problem && <p role="alert">{preview.problem}</p>}
      {count > 0 && preview.backs && <Backs backs={preview.backs} />}
      {shown}
      {count > 0 && !isAsking && (
        <Button look="filled" icon="recall" isDisabled={!isOnline.value || !preview.backs} onPress={() => setAsking(true)}>
          {t("Give back")} <Money cents={preview.total_cents} />
        </Button>
      )}
      {count > 0 && isAsking && (
        <Reasons
          name={t("Give the money back, because:")}
          offered={REFUND_REASONS}
          deed={t("Give back")}
          onSay={refund}
          onBack={() => setAsking(false)}
        />
      )}
    </div>
  );
}

function Head({ offer, zone }: { offer: RefundOffer; zone: string }) {
  return (
    <>
      <p class="receipt-head">
        <b>{t("Receipt {number}", { number: offer.number })}</b>
        <span>
          {terminalName(offer.terminal)}, {dayAndTime(offer.paid_at, zone)}, <Money cents={offer.receipt_cents} />
        </span>
      </p>
      {offer.why_not === "refund" && <p class="warned">{t("This is the receipt of a refund. Look for the receipt of the purchase.")}</p>}
      {offer.why_not === "nothing_left" && <p class="warned">{t("Everything on it was given back already.")}</p>}
    </>
  );
}

interface Preview {
  readonly total_cents: number;
  readonly backs: readonly Back[] | null;
  readonly problem: string;
}

const BLANK: Preview = { total_cents: 0, backs: null, problem: "" };

function usePreview(number: number, wanted: Wanted, count: number): Preview {
  const [preview, setPreview] = useState<Preview>(BLANK);
  useEffect(() => {
    let isOld = false;
    setPreview(BLANK);
    if (count === 0) return;
    void read<RefundOffer>(`/api/v1/receipts/${number}/refund${asQuery(wanted)}`).then((answer) => {
      if (isOld) return;
      if ("data" in answer) setPreview({ total_cents: answer.data.total_cents, backs: answer.data.backs, problem: "" });
      else setPreview({ ...BLANK, problem: problemText(answer.problem) });
    });
    return () => {
      isOld = true;
    };
  }, [number, wanted]);
  return preview;
}

interface ReturnableProps {
  row: LeftLine;
  pieces: number;
  isOff: boolean;
  onSet: (line_id: number, pieces: number) => void;
}

function Returnable({ row, pieces, isOff, onSet }: ReturnableProps) {
  const { line, left } = row;
  const isGone = left === 0;
  return (
    <div class={`returnable ${isGone ? "gone" : ""}`}>
      <Line line={line} />
      {isGone ? (
        <small>{t("given back")}</small>
      ) : (
        <div class="stepper" role="group" aria-label={t("Pieces of {name} to give back", { name: line.name })}>
          <Button
            icon="minus"
            look="plain"
            label={t("One less")}
            isDisabled={isOff || pieces === 0}
            onPress={() => onSet(line.line_id, pieces - 1)}
          />
          <output class="number">
            {pieces} / {left}
          </output>
          <Button
            icon="plus"
            look="plain"
            label={t("One more")}
            isDisabled={isOff || pieces >= left}
            onPress={() => onSet(line.line_id, pieces + 1)}
          />
        </div>
      )}
    </div>
  );
}

/** To which tenders it goes back. */
function Backs({ backs }: { backs: readonly Back[] }) {
  return (
    <dl class="seen-facts backs" aria-live="polite">
      {backs.map((back) => (
        <div key={`${back.kind}${back.masked}`}>
          <dt>
            {tenderWord(back.kind)} {back.scheme} <span dir="ltr">{back.masked}</span>
          </dt>
          <dd>
            <Money cents={back.cents} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
