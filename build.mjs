// Builds dist/: the very files that tests run, npm ships and Lambda gets. ESM, with source maps beside the files.
//   dist/egress-scout.mjs, dist/chunks/       the command
//   dist/functions/NAME/index.mjs, …          each Lambda function with its chunks, in a folder of its own
//   dist/functions/sizes.json                 what each function weighs, in bytes (docs/lambda.md says what is counted)
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Some dependencies are CommonJS and call `require` of Node's own modules. */
const banner = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

const options = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22.16",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
  banner: { js: banner },
  // prometheus-query brings axios, 267 KB for one POST; lib/poll/axios.ts is that POST.
  // Node gets yaml's CommonJS, which starts four times as slowly as its ES modules and cannot be cut to what is used.
  alias: { axios: "./lib/poll/axios.ts", yaml: "./node_modules/yaml/browser/index.js" },
};
/** zod can print each shape as a JSON Schema; functions that print none leave out what does (19 KB). */
const withoutJsonSchema = {
  name: "without-json-schema",
  setup({ onLoad }) {
    onLoad({ filter: /zod.v4.core.(to-json-schema|json-schema-processors)[.]js$/ }, async ({ path }) => {
      const names = Object.keys(await import(pathToFileURL(path).href));
      return { contents: names.map((name) => `export const ${name}=()=>{};`).join("") };
    });
  },
};
const printsNone = ["poll", "schedule"];

/** The command keeps its names: a stack trace is read where it happens. (esbuild's `keepNames` is for renamed ones, and costs each function.) */
const readable = { ...options, outdir: "dist", minifySyntax: true, minifyWhitespace: true };

rmSync("dist", { recursive: true, force: true });
/** The browser's part of the page, as texts within the bundle: there is no file beside it that could be missing. */
const browser = { bundle: true, write: false, minify: true, legalComments: "none", logLevel: "warning" };
const [script, style] = await Promise.all([
  build({
    ...browser,
    entryPoints: ["page/main.tsx"],
    format: "iife",
    target: "es2022",
    tsconfig: "page/tsconfig.json",
  }),
  build({ ...browser, entryPoints: ["page/style.css"], target: ["chrome123", "firefox120", "safari17.5"] }),
]);
const asText = ({ outputFiles: [file] }) => JSON.stringify(file.text.trim());
const define = { PAGE_SCRIPT: asText(script), PAGE_STYLE: asText(style) };

const command = build({
  ...readable,
  define,
  entryPoints: { "egress-scout": "bin/egress-scout.ts" },
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
});
const demo = existsSync("test/mesh/demo.ts") && build({ ...readable, entryPoints: { demo: "test/mesh/demo.ts" } });
const sizes = Promise.all(functionEntries().map(buildFunction));
await Promise.all([command, demo]);
for (const folder of ["dist", "dist/chunks"]) dropBanners(folder);
writeFileSync("dist/functions/sizes.json", `${JSON.stringify(Object.fromEntries(await sizes), null, 2)}\n`);
chmodSync("dist/egress-scout.mjs", 0o755);
linkCommand();

/** A file of functions/ that exports a handler is a function, and named after the file. */
function functionEntries() {
  const files = readdirSync("functions").map((name) => `functions/${name}`);
  return files.filter((file) => file.endsWith(".ts") && /^export const handler\b/m.test(readFileSync(file, "utf8")));
}

/** Builds one function; gives its name and its bytes: what a cold start must read, and all that a call may load. */
async function buildFunction(entry) {
  const name = basename(entry, ".ts");
  const folder = `dist/functions/${name}`;
  const { metafile } = await build({
    ...options,
    outdir: folder,
    define,
    entryPoints: { index: entry },
    splitting: true,
    chunkNames: "[name]-[hash]",
    minify: true,
    metafile: true,
    plugins: printsNone.includes(name) ? [withoutJsonSchema] : [],
  });
  dropBanners(folder);
  const bytes = (files) => files.reduce((sum, file) => sum + statSync(file).size, 0);
  const total = bytes(Object.keys(metafile.outputs).filter((file) => file.endsWith(".mjs")));
  const start = bytes([...importedBy(`${folder}/index.mjs`, metafile.outputs)]);
  return [name, { start, total }];
}

/** Most files call no `require`, and to make one takes each of them a tenth of a millisecond. The line stays, for the source map. */
function dropBanners(folder) {
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".mjs"))) {
    const file = `${folder}/${name}`;
    const code = readFileSync(file, "utf8");
    const bare = code.replace(banner, "");
    if (!/\brequire\b/.test(bare)) writeFileSync(file, bare);
  }
}

/** The file and all that its `import` statements need, chunk by chunk; `import()` is left out. */
function importedBy(file, outputs, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { kind, path, external } of outputs[file].imports)
    if (kind === "import-statement" && !external) importedBy(path, outputs, found);
  return found;
}

/** In a checkout `npx egress-scout` finds its own command here. */
function linkCommand() {
  const link = "node_modules/.bin/egress-scout";
  if (!existsSync("node_modules")) return;
  mkdirSync("node_modules/.bin", { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync("../../dist/egress-scout.mjs", link);
}
