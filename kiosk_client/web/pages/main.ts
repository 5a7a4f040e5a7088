import "./pages.css";
import { waitForPairing } from "./pair";

// Sign-in and messages are plain pages of the server, only to be drawn. Two have something to do: the one that waits to
// be paired, and the receipt, whose button stays hidden where no script could print.
const shown = document.getElementById("pairing");
if (shown) waitForPairing(shown);

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
