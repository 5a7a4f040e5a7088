import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

interface BannerProps {
  tone: "good" | "wait" | "stop";
  icon: IconName;
  text: string;
  /** What it tells of. Of something else the same words are news: they are set afresh, or no screen reader reads them. */
  of?: unknown;
  children?: ComponentChildren;
}

/** What happened, what it means, what to do; read out at once when it is a stop. */
export function Banner({ tone, icon, text, of, children }: BannerProps) {
  return (
    <div class={`banner ${tone}`} role={tone === "stop" ? "alert" : "status"}>
      <Icon name={icon} />
      <p key={of}>{text}</p>
      {children}
    </div>
  );
}
