/** A function as its package has it: the files that serverless.yml names, in an empty folder, without node_modules. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What serverless.yml puts into a function's package, but for the config; test/functions/package.test.ts compares it with the zip. */
export function packagedFiles(name: string): string[] {
  const folder = `dist/functions/${name}`;
  return readdirSync(join(root, folder)).flatMap((file) => (file.endsWith(".mjs") ? [`${folder}/${file}`] : []));
}

/** Lays a function out in a folder; gives its handler. */
export function unpack(name: string, folder: string): { root: string; handler: string } {
  for (const file of packagedFiles(name)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  return { root: folder, handler: `dist/functions/${name}/index.handler` };
}

const everyEnv: Record<string, string> = parse(readFileSync(join(root, "infra/runtime.yml"), "utf8"));
/** What serverless.yml sets for the process of a function of 512 MB; test/infra/functions.test.ts compares it with the template. */
export const processEnv: Record<string, string> = {
  ...everyEnv,
  NODE_OPTIONS: `${everyEnv.NODE_OPTIONS} --max-old-space-size=384`,
};
