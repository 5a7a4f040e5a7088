import "./pages.css";

// Sign-in, receipts and messages are plain pages of the server: nothing to run, only to be drawn.
