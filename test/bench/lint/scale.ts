/** (f) `lint` of many ServiceEntries, as the built command, beside a process that only reads the same files as YAML. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../../command/run-scout.ts";
import { tempFolder } from "../../tools/temp.ts";
import { took } from "../process.ts";
import { median, type Row, rowOf } from "../row.ts";

const perFile = 100;

export function benchLint({ entries, rounds }: { entries: number; rounds: number }): { rows: Row[]; details: object } {
  const folder = tempFolder("lint");
  try {
    const files = Array.from({ length: Math.ceil(entries / perFile) }, (_, file) => {
      const path = join(folder.path, `entries-${file}.yaml`);
      const own = Array.from({ length: Math.min(perFile, entries - file * perFile) }, (_, n) =>
        entry(file * perFile + n),
      );
      writeFileSync(path, own.join("---\n"));
      return path;
    });
    const parsing = `import { readFileSync } from "node:fs"; import { parseAllDocuments } from ${JSON.stringify(import.meta.resolve("yaml"))};
      for (const file of process.argv.slice(1)) for (const one of parseAllDocuments(readFileSync(file, "utf8"))) one.toJS();`;
    const times: { ms: number; bareMs: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const bare = took(process.execPath, ["--input-type=module", "--eval", parsing, ...files]);
      const lint = took(process.execPath, [command, "lint", "--format", "json", ...files]);
      if (JSON.parse(lint.stdout).problems.length > 0) throw new Error("an entry is not as laid out");
      if (round > 0) times.push({ ms: lint.ms, bareMs: bare.ms });
    }
    const [ours, baseline] = [median(times.map(({ ms }) => ms)), median(times.map(({ bareMs }) => bareMs))];
    const figure = `lint of ${entries} ServiceEntries in ${files.length} files`;
    return {
      rows: [rowOf("f", { figure, unit: "ms", ours, baseline, against: "the same files read as YAML" })],
      details: { entries, times },
    };
  } finally {
    folder.remove();
  }
}

const entry = (n: number): string => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: e${n}, namespace: ns${n % 100} }
spec:
  hosts: ["h${n}.example${n % 400}.com"]
  ports:
    - number: 443
      name: tls
      protocol: TLS
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: ["."]
`;
