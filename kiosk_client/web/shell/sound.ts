import { signal } from "@preact/signals";

const PLACE = "kiosk-sound";

/** Whether this terminal makes sounds; kept over restarts. */
export const isSoundOn = signal(read());

export function switchSound(isOn: boolean): void {
  isSoundOn.value = isOn;
  try {
    localStorage.setItem(PLACE, isOn ? "on" : "off");
  } catch {
    // Without storage the switch lives as long as the page.
  }
}

export function beep(): void {
  play([{ hz: 1_760, at: 0, for_s: 0.07 }], "square", 0.05);
}

export function errorTone(): void {
  play([{ hz: 233, at: 0, for_s: 0.16 }, { hz: 185, at: 0.2, for_s: 0.24 }], "sawtooth", 0.09);
}

export function chime(): void {
  play([{ hz: 659, at: 0, for_s: 0.5 }, { hz: 880, at: 0.18, for_s: 0.7 }], "sine", 0.25);
}

interface Tone {
  hz: number;
  at: number;
  for_s: number;
}

let context: AudioContext | null = null;

function play(tones: readonly Tone[], shape: OscillatorType, loudness: number): void {
  if (!isSoundOn.value) return;
  context ??= new AudioContext();
  // Before the first touch a browser keeps sound suspended; a kiosk's policy allows it at once.
  if (context.state === "suspended") void context.resume();
  for (const tone of tones) {
    const oscillator = new OscillatorNode(context, { type: shape, frequency: tone.hz });
    const begin = context.currentTime + tone.at;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(loudness, begin);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + tone.for_s);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(begin);
    oscillator.stop(begin + tone.for_s);
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(PLACE) !== "off";
  } catch {
    return true;
  }
}
