import { Button } from "../design/Button";
import { t } from "../i18n/i18n";
import type { Tile } from "../wire/types";
import { ask, isOnline } from "./model";

const AT_REST: ReadonlySet<string> = new Set(["attract", "closed"]);
const MANAGEMENT: ReadonlySet<string> = new Set(["manager", "owner"]);

/** Let people practise on a lane that nobody is at, or let it sell again. */
export function Training({ tile, role }: { tile: Tile; role: string }) {
  if (tile.kind !== "lane" || !MANAGEMENT.has(role)) return null;
  return (
    <Button
      icon="person"
      isDisabled={!isOnline.value || !AT_REST.has(tile.state)}
      onPress={() => ask("switch_training", { terminal: tile.name, is_on: !tile.is_training })}
    >
      {tile.is_training ? t("End the training") : t("Begin a training")}
    </Button>
  );
}
