import { part } from "../shell/later";

/** Everything but the first two states; see parts.ts. */
export const parts = part(() => import("./parts"));

/** What a lane needs to go on while the line is down; see offline.ts. */
export const offlinePart = part(() => import("./offline"));
