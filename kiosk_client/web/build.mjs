// Bundles one script and one style sheet a screen into the directory given as the only argument, and writes
// manifest.json there: {"lane": {"js", "css", "chunks"}, ...}. Called by hatch_build.py, which compiles the
// catalogs first.
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";

const SCREENS = ["lane", "stall", "pump", "kitchen", "pickup", "manager", "pages"];
const PUBLIC_PATH = "/static/app/";

const out = process.argv[2];
if (!out) throw new Error("usage: node build.mjs OUTPUT_DIRECTORY");

const webSocketOnly = {
  name: "web-socket-only",
  setup(pluginBuild) {
    const ours = resolve("wire/transports.js");
    const unused = /^\.\/transports\/(index|polling-\w+(\.node)?|webtransport)\.js$/;
    pluginBuild.onResolve({ filter: unused }, ({ importer }) =>
      importer.includes("engine.io-client") ? { path: ours } : undefined,
    );
    pluginBuild.onResolve({ filter: /^engine\.io-client\/build\/esm\// }, ({ path }) => ({
      path: resolve("node_modules", path), // not among its exports
    }));
  },
};

const result = await build({
  entryPoints: SCREENS.map((screen) => ({ in: `${screen}/main.${screen === "pages" ? "ts" : "tsx"}`, out: screen })),
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  metafile: true,
  charset: "utf8",
  target: ["es2022", "chrome109", "safari16", "firefox115"],
  jsx: "automatic",
  jsxImportSource: "preact",
  conditions: ["browser", "import"],
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".svg": "file", ".woff2": "file", ".messages": "file" },
  publicPath: PUBLIC_PATH,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  plugins: [webSocketOnly],
  legalComments: "none", // all of them are in licences.txt, whole
  logLevel: "warning",
});

const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint || !path.endsWith(".js")) continue;
  const screen = output.entryPoint.split("/")[0];
  if (!SCREENS.includes(screen)) continue; // a part that is loaded later
  const chunks = output.imports.filter((found) => found.kind === "import-statement");
  manifest[screen] = {
    js: basename(path),
    css: output.cssBundle ? basename(output.cssBundle) : null,
    chunks: chunks.map((found) => basename(found.path)),
  };
}
await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await copyFile("design/favicon.svg", join(out, "icon.svg"));
await writeFile(join(out, "licences.txt"), await licences(Object.keys(result.metafile.inputs)));

/** The licence of every package whose bytes are in the bundle, as its authors wrote it. */
async function licences(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const texts = [];
  for (const name of [...packages].sort()) {
    const folder = join("node_modules", name);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} ships no licence text; it may not be bundled`);
    texts.push(`${name}\n${"=".repeat(name.length)}\n\n${await readFile(join(folder, file), "utf8")}`);
  }
  return texts.join("\n\n");
}
