// The page with a pairing code asks whether it is a terminal yet. Without script the page loads itself again instead.

interface PairingState {
  state: "pending" | "denied" | "confirmed";
  interval_s?: number;
  screen?: string;
}

interface Refusal {
  details?: { retry_after_s?: number };
}

const PATIENCE_S = 10; // after a connection that failed: the server may be restarting

export function waitForPairing(shown: HTMLElement): void {
  const status = document.getElementById("pairing-state");
  let intervalS = Number(shown.dataset["intervalS"]) || 2;

  const askAgain = (afterS: number) => setTimeout(() => void ask(), afterS * 1000);

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
      if (status && status.dataset["lost"]) {
        delete status.dataset["lost"];
        status.textContent = status.dataset["words"] ?? "";
      }
    } catch {
      if (status && !status.dataset["lost"]) {
        status.dataset["lost"] = "yes";
        status.dataset["words"] = status.textContent ?? "";
        status.textContent = "The server does not answer. This goes on by itself as soon as it does.";
      }
      askAgain(PATIENCE_S);
    }
  }

  askAgain(intervalS);
}
