// Takes the place of engine.io-client's transports/index.js (see build.mjs): our server speaks WebSocket only, so
// long-polling and WebTransport would be bytes of every page that never run.
import { WS } from "engine.io-client/build/esm/transports/websocket.js";

export const transports = { websocket: WS };

// Re-exported by name along the way, and never called.
export const XHR = undefined;
export const Fetch = undefined;
export const WT = undefined;
