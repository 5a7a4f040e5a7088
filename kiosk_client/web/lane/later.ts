import { signal } from "@preact/signals";
import { part } from "../shell/later";

/** Everything but the first two states; see parts.ts. */
export const parts = part(() => import("./parts"));

/** What a lane needs to go on while the line is down; see offline.ts. */
export const offlinePart = part(() => import("./offline"));

/** What staff do at the lane; see Service.tsx. */
export const servicePart = part(() => import("./Service"));

/** Whether it is open; nobody may be signed in yet. */
export const isServing = signal(false);
