import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./Icon";

interface ButtonProps {
  onPress: () => unknown;
  children?: ComponentChildren;
  icon?: IconName;
  /** What a button without words says. */
  label?: string;
  look?: string;
  isDisabled?: boolean;
  isPressed?: boolean;
  keys?: string;
}

/** A button that cannot be pressed twice: until what it began has ended, it shows that and does nothing. */
export function Button({ onPress, children, icon, label, look = "", isDisabled = false, isPressed, keys }: ButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const isHeld = useRef(false); // state comes a frame late; a double tap does not

  async function press() {
    if (isHeld.current || isDisabled) return;
    const begun = onPress();
    if (!(begun instanceof Promise)) return;
    isHeld.current = true;
    setBusy(true);
    try {
      await begun;
    } finally {
      isHeld.current = false;
      setBusy(false);
    }
  }

  return (
    <button
      type="button"
      class={`button ${look}`}
      aria-label={label}
      aria-disabled={isDisabled || undefined}
      aria-busy={isBusy || undefined}
      aria-pressed={isPressed}
      aria-keyshortcuts={keys}
      onClick={press}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
