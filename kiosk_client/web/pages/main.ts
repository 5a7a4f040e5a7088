import "./pages.css";
import { waitForPairing } from "./pair";

// Sign-in, receipts and messages are plain pages of the server, only to be drawn. The pairing page alone has something
// to do.
const shown = document.getElementById("pairing");
if (shown) waitForPairing(shown);
