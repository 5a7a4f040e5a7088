// Bundles one script and one style sheet a screen into the directory given as the only argument, and writes
// manifest.json there: {"lane": {"js", "css", "chunks", "later"}, ...}. Called by hatch_build.py, which compiles the
// catalogs first.
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";

const SCREENS = ["lane", "stall", "pump", "kitchen", "pickup", "display", "manager", "pages"];
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

// Each screen on its own: a terminal shows one for months, so what screens share is worth less than one file that
// compresses whole. Splitting is for what a screen loads later.
const results = await Promise.all(SCREENS.map(bundle));
const manifest = Object.fromEntries(results.map(({ outputs }, index) => [SCREENS[index], row(outputs)]));

await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await copyFile("design/favicon.svg", join(out, "icon.svg"));
await writeFile(join(out, "licences.txt"), await licences(results.flatMap(({ inputs }) => Object.keys(inputs))));

async function bundle(screen) {
  const { metafile } = await build({
    entryPoints: [{ in: `${screen}/main.${screen === "pages" ? "ts" : "tsx"}`, out: screen }],
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
    chunkNames: `${screen}-part-[hash]`,
    assetNames: "[name]-[hash]",
    plugins: [webSocketOnly],
    legalComments: "none", // all of them are in licences.txt, whole
    logLevel: "warning",
  });
  return metafile;
}

/** `js` and `chunks` are what a screen needs to appear, `later` what it fetches as soon as it is idle. */
function row(outputs) {
  const [path, entry] = Object.entries(outputs).find(([name, output]) => output.entryPoint?.includes("/main.") && name.endsWith(".js"));
  const first = reached(outputs, [path], ["import-statement"]);
  const all = reached(outputs, [path], ["import-statement", "dynamic-import"]);
  return {
    js: basename(path),
    css: entry.cssBundle ? basename(entry.cssBundle) : null,
    chunks: first.filter((name) => name !== path).map((name) => basename(name)),
    later: all.filter((name) => !first.includes(name)).map((name) => basename(name)),
  };
}

/** The outputs that those of `names` import, over any number of steps, by these kinds of import. */
function reached(outputs, names, kinds) {
  const found = new Set(names);
  for (const name of found) {
    for (const { path, kind } of outputs[name].imports) if (kinds.includes(kind) && outputs[path]) found.add(path);
  }
  return [...found];
}

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
