import { useEffect, useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Qr } from "../../design/Qr";
import { Sheet } from "../../design/Sheet";
import { t } from "../../i18n/i18n";
import { handOff } from "../deeds";
import { closeSheet } from "../model";

/** The basket's own code: whichever lane or till scans it has the basket. Until then it stays here as it is. */
export function HandOffSheet() {
  const [code, setCode] = useState<string | null>(null);
  useEffect(() => void handOff().then(setCode), []);
  return (
    <Sheet title={t("Go on at another lane or till")} onClose={closeSheet}>
      <div class="carried" aria-busy={code === null}>
        {code && (
          <>
            <Qr text={code} label={t("Code of your basket")} />
            <p>{t("Take a photo of this code, or call for help, and scan it at the other lane. Your items move there.")}</p>
            <p class="spelled number" dir="ltr">
              {code}
            </p>
          </>
        )}
      </div>
      <Button look="large" onPress={closeSheet}>
        {t("Stay here")}
      </Button>
    </Sheet>
  );
}
