// IndexedDB as promises. It works without https, where a service worker does not; where it is switched off or full,
// nothing is kept and nothing is found, and the screen is as good as without it.

const NAME = "kiosk";
const VERSION = 1;

/** `items`: the catalog by id and code. `facts`: single things by name. */
export type Place = "items" | "facts";

export interface Put {
  readonly place: Place;
  readonly key: string;
  readonly value: unknown;
}

let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("items");
      request.result.createObjectStore("facts");
    };
    request.onsuccess = () => {
      // A page of a newer build wants another version: it must not wait for us.
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => (opening = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  opening.catch(() => (opening = null));
  return opening;
}

/** The first of `keys` that is there, or undefined. */
export async function find<T>(place: Place, ...keys: readonly string[]): Promise<T | undefined> {
  try {
    const store = (await open()).transaction(place).objectStore(place);
    const found = await Promise.all(keys.map((key) => done<T | undefined>(store.get(key))));
    return found.find((value) => value !== undefined);
  } catch {
    return undefined;
  }
}

/** All of them or none; `clears` is emptied first. False: the browser keeps nothing. */
export async function put(puts: readonly Put[], clears?: Place): Promise<boolean> {
  try {
    const transaction = (await open()).transaction(["items", "facts"], "readwrite", { durability: "relaxed" });
    if (clears) transaction.objectStore(clears).clear();
    for (const { place, key, value } of puts) transaction.objectStore(place).put(value, key);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return true;
  } catch {
    return false;
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
