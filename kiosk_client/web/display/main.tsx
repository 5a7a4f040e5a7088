import "./display.css";
import { Age, tick } from "../design/Age";
import { Icon, type IconName } from "../design/Icon";
import { clock, terminalName } from "../i18n/format";
import { t } from "../i18n/i18n";
import { Connection } from "../shell/Connection";
import { start } from "../shell/start";
import { Link } from "../wire/link";
import type { DisplayScreen, Light } from "../wire/types";

// The board over the lanes, read from twenty metres away: a colour, a sign and a word for each, for nobody has all
// three senses of it at once. It shows no basket and no name.

const link = new Link<DisplayScreen>({ screen: "display", reduce: (state) => state });

interface Lights {
  readonly lights: Readonly<Record<string, Light>>;
}

const LOOKS: Readonly<Record<Light, { icon: IconName; word: () => string }>> = {
  free: { icon: "check", word: () => t("Free") },
  in_use: { icon: "basket", word: () => t("In use") },
  help: { icon: "help", word: () => t("Help") },
  closed: { icon: "close", word: () => t("Closed") },
};

function Board({ state }: { state: DisplayScreen }) {
  // A reading is newer than any snapshot while the line is up, and older than the one that comes after a loss.
  const lights = Object.entries(link.topic<Lights>("lights").value?.lights ?? state.lights);
  const free = lights.filter(([, light]) => light === "free").length;
  const isOld = link.status.value === "offline";
  return (
    <div class={isOld ? "lights old" : "lights"}>
      <header>
        <h1>{free > 0 ? t("Please come to a free lane") : t("Please wait a moment")}</h1>
        <time class="number">{clock(tick.value - Date.now() + link.now(), state.store.zone)}</time>
      </header>
      <Connection link={link} />
      <main>
        <ul style={{ "--columns": columnsFor(lights.length) }}>
          {lights.map(([name, light]) => (
            <li key={name} class={light}>
              <h2>{terminalName(name)}</h2>
              <Icon name={LOOKS[light].icon} />
              <p>{LOOKS[light].word()}</p>
            </li>
          ))}
        </ul>
      </main>
      <footer>
        <span>{state.store.name}</span>
        <Age status={link.status.value} heardAt={link.heardAt.value} />
      </footer>
    </div>
  );
}

/** As square as can be, so that every lane is as large as can be. */
function columnsFor(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count * 1.4)));
}

void start(link, Board);
