// Socket.IO's own server for Node, answering what peers/flask_app.py answers, with the same bytes.
"use strict";
const http = require("http");
const { Server } = require("socket.io");

const STATE_BYTES = 250;
const pad = "x".repeat(STATE_BYTES - '{"t":"","pad":""}'.length - 16);
const state = () => ({ t: String(process.hrtime.bigint()).padStart(16, "0"), pad });

const server = http.createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname === "/broadcast") io.emit("state", state());
  if (url.pathname === "/push") keepPushing(url.searchParams);
  response.setHeader("Connection", "close");
  response.end("ok");
});
const io = new Server(server, { transports: ["websocket"], cors: { origin: "*" } });
io.on("connection", (socket) => socket.on("scan", (_, acknowledge) => acknowledge({ ok: true, seq: 1 })));

function keepPushing(wanted) {
  let left = Math.floor(wanted.get("seconds") * wanted.get("hertz"));
  const timer = setInterval(() => {
    if (left-- <= 0) return clearInterval(timer);
    return io.emit("state", state());
  }, 1000 / wanted.get("hertz"));
}

server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
