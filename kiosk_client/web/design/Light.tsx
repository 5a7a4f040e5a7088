export type Tone = "good" | "wait" | "stop" | "idle";

/** A state: a colour, a shape and always a word. */
export function Light({ tone, word }: { tone: Tone; word: string }) {
  return <span class={`light ${tone}`}>{word}</span>;
}
