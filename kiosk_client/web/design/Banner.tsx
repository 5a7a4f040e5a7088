import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

interface BannerProps {
  tone: "good" | "wait" | "stop";
  icon: IconName;
  text: string;
  children?: ComponentChildren;
}

/** What happened, what it means, what to do; read out at once when it is a stop. */
export function Banner({ tone, icon, text, children }: BannerProps) {
  return (
    <div class={`banner ${tone}`} role={tone === "stop" ? "alert" : "status"}>
      <Icon name={icon} />
      <p>{text}</p>
      {children}
    </div>
  );
}
