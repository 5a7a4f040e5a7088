// Drives the reference client through what a terminal does; prints one JSON line a step, exits 0 when all held.
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const url = process.argv[2];
const options = { transports: ["websocket"], reconnectionDelay: 50, reconnectionDelayMax: 200, timeout: 2000 };
const step = (name) => console.log(JSON.stringify({ step: name }));
const event = (socket, name) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 8000);
    socket.once(name, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });

const socket = io(url, { ...options, auth: { token: "abc" } });
assert.deepEqual(await event(socket, "welcome"), [{ token: "abc" }]);
step("connect");

const refused = io(`${url}/nowhere`, options);
const [error] = await event(refused, "connect_error");
assert.equal(error.message, "Invalid namespace");
refused.close();
step("refuse");

assert.deepEqual(await socket.timeout(5000).emitWithAck("echo", 1, { a: ["ü"] }), [1, { a: ["ü"] }]);
const big = Buffer.alloc(40_000, 7);
const back = await socket.timeout(5000).emitWithAck("echo", { part: big, list: [Buffer.from([1, 2])] });
assert.deepEqual(back[0].part, big);
assert.deepEqual(back[0].list[0], Buffer.from([1, 2]));
step("acks and binary");

socket.on("question", (n, answer) => answer(n + 1, Buffer.from([n])));
assert.equal(await socket.timeout(5000).emitWithAck("ask me", 41), "42 and 1 bytes");
step("call");

const other = io(`${url}/lanes`, options);
await event(other, "connect");
await other.timeout(5000).emitWithAck("join", "lane 3");
const told = event(other, "scanned");
await socket.timeout(5000).emitWithAck("tell", "lane 3", { gtin: "4006381333931" });
assert.deepEqual(await told, [{ gtin: "4006381333931" }]);
step("rooms");

const lost = event(socket, "disconnect");
console.log(JSON.stringify({ step: "restart me" }));
const [reason] = await lost;
assert.equal(reason, "transport close");
const [, again] = await Promise.all([event(socket, "connect"), event(socket, "welcome")]);
assert.deepEqual(again, [{ token: "abc" }]);
assert.deepEqual(await socket.timeout(5000).emitWithAck("echo", "back"), ["back"]);
step("reconnect");

const kicked = event(socket, "disconnect");
socket.emit("kick");
assert.equal((await kicked)[0], "io server disconnect");
step("kick");

socket.close();
other.close();
process.exit(0);
