/** A new command key: 128 random bits. `crypto.randomUUID` is no choice: a plain-HTTP LAN page is no secure context. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
