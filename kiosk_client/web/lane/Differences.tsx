import { Button } from "../design/Button";
import { Money } from "../design/Money";
import { Sheet } from "../design/Sheet";
import { t } from "../i18n/i18n";
import { refusalText } from "../i18n/refusals";
import { type Difference, differences, isBelieving, understood } from "./provisional";
import { link } from "./model";

/** What came out otherwise than it was shown while the line was down. Nobody pays before it was seen. */
export function DifferencesSheet() {
  if (differences.value.length === 0 || isBelieving(link.outbox.waiting.value)) return null;
  return (
    <Sheet title={t("The connection is back")} onClose={understood}>
      <p class="question">{t("Your items are confirmed, except for these. Please have a look before you pay.")}</p>
      <ul class="differences">
        {differences.value.map((one) => (
          <li key={one.key}>
            <strong>{one.name}</strong>
            <span>
              <Difference of={one} />
            </span>
          </li>
        ))}
      </ul>
      <Button look="filled large" icon="check" onPress={understood}>
        {t("I have seen it")}
      </Button>
    </Sheet>
  );
}

function Difference({ of }: { of: Difference }) {
  if (of.kind === "gone") return <>{t("Not added: the basket it was for is no longer here. Please scan it again.")}</>;
  if (of.kind === "refused") return <>{`${t("Not added.")} ${refusalText(of.refused)}`}</>;
  return (
    <>
      {t("The price has changed.")} <s class="money"><Money cents={of.was_cents} /></s> <Money cents={of.is_cents} />
    </>
  );
}
