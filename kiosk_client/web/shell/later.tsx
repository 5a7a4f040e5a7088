import { type Signal, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../design/Icon";
import { t } from "../i18n/i18n";

// What a screen does not need in its first second comes as one file as soon as the page is idle, and stays in memory:
// a line that breaks later leaves no sheet unloadable.

const AGAIN_AFTER_MS = 2_000;

export interface Part<M> {
  /** The loaded module; null until it is here. */
  readonly module: Signal<M | null>;
  /** Fetch it, and keep trying until it is here. A second call does nothing more. */
  load(): void;
}

/** A part of a screen that is loaded later: `part(() => import("./parts"))`. */
export function part<M>(fetchModule: () => Promise<M>): Part<M> {
  const module = signal<M | null>(null);
  let isLoading = false;
  function load(): void {
    if (isLoading) return;
    isLoading = true;
    fetchModule().then(
      (found) => void (module.value = found),
      () => setTimeout(() => ((isLoading = false), load()), AGAIN_AFTER_MS),
    );
  }
  return { module, load };
}

/** Load these as soon as the page has nothing better to do. */
export function loadWhenIdle(...parts: readonly Part<unknown>[]): void {
  const loadAll = () => parts.forEach((one) => one.load());
  if ("requestIdleCallback" in globalThis) requestIdleCallback(loadAll, { timeout: 2_000 });
  else setTimeout(loadAll, 500);
}

interface LaterProps<M> {
  of: Part<M>;
  children: (module: M) => ComponentChildren;
  /** What stands there until the part has come; a page of its own unless said otherwise. */
  meanwhile?: ComponentChildren;
}

/** Draw with a part that may still be on its way. */
export function Later<M>({ of, children, meanwhile = <OnItsWay /> }: LaterProps<M>) {
  useEffect(() => of.load(), [of]);
  const module = of.module.value;
  return <>{module === null ? meanwhile : children(module)}</>;
}

function OnItsWay() {
  return (
    <main class="whole" aria-busy="true">
      <Icon name="clock" />
      <p>{t("Just a moment")}</p>
      <div class="progress" />
    </main>
  );
}
