// Builds dist/: the very files that tests run, npm ships and Lambda gets. One bundle for each entry, ESM, with a source map.
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { build } from "esbuild";

/** Some dependencies are CommonJS and call `require` of Node's own modules. */
const banner = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

const options = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22.13",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  outdir: "dist",
  sourcemap: true,
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
  // prometheus-query brings axios, 267 KB for one POST; lib/poll/axios.ts is that POST.
  alias: { axios: "./lib/poll/axios.ts" },
};

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

await build({
  ...options,
  define: { PAGE_SCRIPT: asText(script), PAGE_STYLE: asText(style) },
  entryPoints: {
    "egress-scout": "bin/egress-scout.ts",
    "functions/poll": "functions/poll.ts",
    "functions/http": "functions/http.ts",
    "functions/slack": "functions/slack.ts",
  },
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  banner: { js: banner },
});
if (existsSync("test/mesh/demo.ts")) {
  await build({ ...options, entryPoints: { demo: "test/mesh/demo.ts" }, banner: { js: banner } });
}
chmodSync("dist/egress-scout.mjs", 0o755);

// In a checkout `npx egress-scout` finds its own command here.
const link = "node_modules/.bin/egress-scout";
if (existsSync("node_modules")) {
  mkdirSync("node_modules/.bin", { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync("../../dist/egress-scout.mjs", link);
}
