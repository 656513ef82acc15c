/** What `osls package` makes of serverless.yml, without network or credentials. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unzipSync } from "fflate";
import * as z from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));
const osls = join(root, "node_modules/osls/bin/serverless.js");
const run = promisify(execFile);

const resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
const schema = z.looseObject({ Resources: z.record(z.string(), resource) });
export type Template = z.infer<typeof schema>;
export type Properties = Record<string, unknown>;

export interface Packed {
  /** The template's file. */
  file: string;
  template: Template;
  /** The paths in a function's zip, sorted. */
  zip(name: string): string[];
  /** A resource's properties; throws where the template has none of that name. */
  properties(id: string): Properties;
  /** All of one type: logical id and properties. */
  all(type: string): [string, Properties][];
}

/** Packages into `folder`, which must be empty, as if the function `without` were not built. Rejects with what osls says where it refuses. */
export async function pack(
  folder: string,
  stage: string,
  params: Record<string, string> = {},
  without = "none",
): Promise<Packed> {
  const home = join(folder, "home");
  const out = join(folder, "out");
  mkdirSync(home, { recursive: true });
  // osls works in a folder beside serverless.yml, one at a time; test files run at once.
  for (const name of ["serverless.yml", "package.json", "infra", "dist/functions"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  rmSync(join(folder, "dist/functions", without), { recursive: true, force: true });
  const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
  await run(process.execPath, [osls, "package", "--package", out, "--stage", stage, ...given], {
    cwd: folder,
    env: { PATH: "/nonexistent", HOME: home },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  const file = join(out, "cloudformation-template-update-stack.json");
  const template = schema.parse(JSON.parse(readFileSync(file, "utf8")));
  return {
    file,
    template,
    zip: (name) => Object.keys(unzipSync(readFileSync(join(out, `${name}.zip`)))).sort(),
    properties(id) {
      const found = template.Resources[id];
      if (found === undefined) throw new Error(`the template has no ${id}`);
      return found.Properties;
    },
    all: (type) =>
      Object.entries(template.Resources).flatMap(([id, one]) => (one.Type === type ? [[id, one.Properties]] : [])),
  };
}
