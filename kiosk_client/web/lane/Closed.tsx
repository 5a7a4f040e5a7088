import { Icon } from "../design/Icon";
import { t } from "../i18n/i18n";

/** Nobody can begin here. */
export function Closed() {
  return (
    <main class="whole">
      <Icon name="lane" />
      <h1>{t("This lane is closed")}</h1>
      <p>{t("Please use another lane.")}</p>
    </main>
  );
}
