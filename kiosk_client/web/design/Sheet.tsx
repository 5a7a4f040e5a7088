import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n";
import { Button } from "./Button";
import { useOwnTaps } from "./taps";

/** What every sheet of this screen offers beside its close button. */
export const sheetTools = signal<(() => ComponentChildren) | null>(null);

/** What happens while a sheet is open is said in it, where it is on top: what lies below cannot be seen or touched. */
export const sheetNotice = signal<((sheet: HTMLElement | null) => ComponentChildren) | null>(null);

/** The sheet that lies on top of all others; null while none is open. */
export const topSheet = signal<HTMLElement | null>(null);

function findTop(gone: HTMLElement | null = null): HTMLElement | null {
  const open = [...document.querySelectorAll<HTMLElement>(".sheet")].filter((one) => one !== gone);
  return open.findLast((one) => one.matches(".over > *")) ?? open.at(-1) ?? null;
}

interface SheetProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** It may lie over another sheet, which stays as it is. */
  isOver?: boolean;
}

/** A layer over the screen it belongs to. Escape and the ground close it; focus goes in, stays, and comes back. */
export function Sheet({ title, onClose, children, isOver = false }: SheetProps) {
  const sheet = useRef<HTMLElement>(null);
  const ownTaps = useOwnTaps();

  useLayoutEffect(() => {
    const mine = sheet.current;
    topSheet.value = findTop();
    return () => void (topSheet.value = findTop(mine));
  }, []);

  // Before it is painted: whoever sees it may press a key at once.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const first = sheet.current?.querySelector<HTMLElement>("[data-first], .field");
    (first ?? sheet.current)?.focus();
    return () => before?.focus();
  }, []);

  useLayoutEffect(() => {
    // At the window: what had the focus inside may be gone by now, and the keys with it.
    function onKeyDown(event: KeyboardEvent) {
      const mine = sheet.current;
      if (!mine || topSheet.peek() !== mine) return;
      if (event.key === "Escape") {
        event.stopImmediatePropagation(); // the sheet below, which is on top after this, does not close with it
        onClose();
      }
      if (event.key !== "Tab") return;
      if (!mine.contains(document.activeElement)) mine.focus();
      keepInside(mine, event);
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [onClose]);

  return (
    <div
      class={isOver ? "sheet-ground over" : "sheet-ground"}
      onClickCapture={ownTaps}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <section class="sheet" role="dialog" aria-modal="true" aria-label={title} tabIndex={-1} ref={sheet}>
        <div class="head">
          <h2>{title}</h2>
          {!isOver && sheetTools.value?.()}
          <Button icon="close" label={t("Close")} look="plain" onPress={onClose} />
        </div>
        {sheetNotice.value?.(sheet.current)}
        <div class="body">{children}</div>
      </section>
    </div>
  );
}

function keepInside(sheet: HTMLElement, event: KeyboardEvent): void {
  const stops = [...sheet.querySelectorAll<HTMLElement>("button, input, [tabindex='0']")];
  const [first, last] = [stops[0], stops.at(-1)];
  const leaves = event.shiftKey ? document.activeElement === first : document.activeElement === last;
  if (!leaves || !first || !last) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}
