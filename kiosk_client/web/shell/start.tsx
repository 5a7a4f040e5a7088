import { type ComponentType, render } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { currency } from "../design/Money";
import { LANGUAGES, language, speak, t } from "../i18n/i18n";
import type { Link, Turned } from "../wire/link";
import type { Store } from "../wire/types";

/** Draw a screen into the shell page: while it loads, when it is turned away, and from then on itself. */
export async function start<S extends { store: Store }>(link: Link<S>, Screen: ComponentType<{ state: S }>): Promise<void> {
  const root = document.getElementById("app")!;
  document.documentElement.dataset["screen"] = root.dataset["screen"] ?? "";
  try {
    await speak(firstLanguage());
  } catch {
    // English is in the page itself; the catalog is asked for again when somebody picks a language.
  }

  function Whole() {
    const state = link.state.value;
    useEffect(() => {
      if (state) currency.value = state.store.currency;
    }, [state?.store.currency]);
    if (link.refusal.value !== null) return <TurnedAway why={link.refusal.value} screen={root.dataset["screen"] ?? ""} />;
    if (state === null) return <Loading isOffline={link.status.value === "offline"} />;
    if (currency.peek() !== state.store.currency) currency.value = state.store.currency;
    return <Screen state={state} />;
  }

  render(<Whole />, root);
}

const PLACE = "kiosk-language";

/** The language somebody picked on this page before a reload, else that of the shell page. */
function firstLanguage(): string {
  return sessionStorage.getItem(PLACE) ?? document.documentElement.lang.slice(0, 2);
}

/** Back to what this store speaks when nobody has chosen. */
export async function forgetLanguage(store: Store): Promise<void> {
  sessionStorage.removeItem(PLACE);
  const own = store.languages[0];
  if (own && own !== language.peek()) await speak(own);
}

/** Switch, and stay so over a reload. */
export async function pickLanguage(code: string): Promise<void> {
  await speak(code);
  sessionStorage.setItem(PLACE, code);
}

/** The languages a store offers, in its order. */
export function offered(store: Store) {
  return store.languages.flatMap((code) => LANGUAGES.filter((known) => known.code === code));
}

function Loading({ isOffline }: { isOffline: boolean }) {
  return (
    <main class="whole" aria-busy={!isOffline}>
      <Icon name={isOffline ? "offline" : "basket"} />
      <h1>{isOffline ? t("The store's server does not answer") : t("Just a moment")}</h1>
      <p>{isOffline ? t("This screen keeps trying and carries on by itself. Please tell staff if it takes long.") : ""}</p>
      <div class="progress" />
    </main>
  );
}

function TurnedAway({ why, screen }: { why: Turned; screen: string }) {
  const isStaff = screen === "manager";
  const isSignedOut = why.code === "not_signed_in";
  return (
    <main class="whole">
      <Icon name="alert" />
      <h1>{isSignedOut ? t("This screen is not signed in") : t("This screen may not be used")}</h1>
      <p role="alert">
        {isStaff
          ? t("You were signed out, or the server was restarted. Sign in again to go on.")
          : t("Its enrolment was ended or has never been made. Ask a manager to enrol it again; nothing was lost.")}
      </p>
      {isStaff ? (
        <a class="button filled" href="/signin">
          {t("Sign in")}
        </a>
      ) : (
        <Button icon="recall" onPress={() => location.reload()}>
          {t("Try again")}
        </Button>
      )}
    </main>
  );
}
