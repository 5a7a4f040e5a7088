import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Button } from "../design/Button";
import { Light, type Tone } from "../design/Light";
import { terminalName } from "../i18n/format";
import { LANGUAGES, type Language, language, t } from "../i18n/i18n";
import type { Store } from "../wire/types";
import { Later, part } from "./later";
import { offered, pickLanguage } from "./start";

export const optionsPart = part(() => import("./Options"));

const isPicking = signal(false);

interface HeaderProps {
  store: Store;
  name: string;
  tone: Tone;
  word: string;
  /** Missing where nobody can be called. */
  onHelp?: (() => unknown) | undefined;
  isHelpComing?: boolean;
}

/** Who this terminal is, how it is, the language and help: they never leave. */
export function Header({ store, name, tone, word, onHelp, isHelpComing = false }: HeaderProps) {
  return (
    <header class="header">
      <div class="who">
        <h1>{terminalName(name)}</h1>
        <Light tone={tone} word={word} />
      </div>
      <LanguageButton store={store} />
      {onHelp && (
        <Button icon="help" onPress={onHelp} isDisabled={isHelpComing}>
          {isHelpComing ? t("Help is coming") : t("Help")}
        </Button>
      )}
    </header>
  );
}

function label(): string {
  return document.documentElement.dataset["screen"] === "lane" ? t("Language, sight and sound") : t("Language and sound");
}

/** The globe: language, and what else a customer needs. It also stands in the head of every sheet. */
export function LanguageButton({ store }: { store: Store }) {
  return (
    <>
      <Globe />
      {isPicking.value && (
        <Later of={optionsPart} meanwhile={null}>
          {({ Options }) => <Options store={store} onClose={closeOptions} />}
        </Later>
      )}
    </>
  );
}

export function Globe() {
  const now = LANGUAGES.find((known) => known.code === language.value);
  return (
    <Button icon="globe" look="plain" label={label()} onPress={() => void (isPicking.value = true)}>
      <span aria-hidden="true">{now?.name}</span>
    </Button>
  );
}

export function closeOptions(): void {
  isPicking.value = false;
}

/** The store's languages, each as it calls itself. One that cannot be had now says so. */
export function Languages({ store, onPicked }: { store: Store; onPicked?: () => void }) {
  const [missing, setMissing] = useState("");

  function pick({ code, name }: Language): void {
    setMissing("");
    pickLanguage(code).then(onPicked, () => setMissing(name));
  }

  return (
    <div class="languages" role="group" aria-label={t("Language")}>
      {offered(store).map((one) => (
        <button
          key={one.code}
          type="button"
          class="button"
          lang={one.code}
          aria-pressed={language.value === one.code}
          onClick={() => pick(one)}
        >
          {one.name}
        </button>
      ))}
      {missing && (
        <p role="alert">
          {t("{name} cannot be shown: the store's server does not answer. Nothing else changed. Please touch it again later.", {
            name: missing,
          })}
        </p>
      )}
    </div>
  );
}
