// The page with a pairing code asks whether it is a terminal yet. Without script the page loads itself again instead.

interface PairingState {
  state: "pending" | "denied" | "confirmed";
  interval_s?: number;
  screen?: string;
  expires_in_s?: number;
}

interface Refusal {
  details?: { retry_after_s?: number };
}

const PATIENCE_S = 10; // after a connection that failed: the server may be restarting

export function waitForPairing(shown: HTMLElement): void {
  const status = document.getElementById("pairing-state");
  const left = document.getElementById("pairing-left");
  let endsAt = Date.now() + (Number(shown.dataset["leftS"]) || 0) * 1000;
  let isLost = false;
  let intervalS = Number(shown.dataset["intervalS"]) || 2;

  const askAgain = (afterS: number) => setTimeout(() => void ask(), afterS * 1000);

  function draw(): void {
    const leftMs = Math.max(0, endsAt - Date.now());
    if (left instanceof HTMLProgressElement) left.value = leftMs / 1000;
    if (!status) return;
    // A clock that is read out every second would never let anybody think.
    status.setAttribute("role", isLost ? "alert" : "timer");
    const { waiting = "", lost = "" } = status.dataset;
    const text = isLost ? lost : waiting.replace("{time}", clockOf(leftMs));
    if (status.textContent !== text) status.textContent = text;
  }
  setInterval(draw, 1000);

  async function ask(): Promise<void> {
    try {
      const answer = await fetch("/api/v1/pairing", { cache: "no-store" });
      if (answer.status === 429) {
        const { details } = (await answer.json()) as Refusal;
        intervalS = details?.retry_after_s ?? intervalS + 5;
        askAgain(intervalS);
        return;
      }
      if (answer.status === 404) {
        location.replace("/pair"); // the code is too old: a new one
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const found = (await answer.json()) as PairingState;
      if (found.state === "confirmed") location.replace(found.screen ?? "/");
      else if (found.state === "denied") location.reload();
      else askAgain(found.interval_s ?? intervalS);
      if (found.expires_in_s !== undefined) endsAt = Date.now() + found.expires_in_s * 1000;
      isLost = false;
    } catch {
      isLost = true;
      draw();
      askAgain(PATIENCE_S);
    }
  }

  askAgain(intervalS);
}

/** 4:07: minutes and seconds. */
function clockOf(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
