/** Kubernetes' own types (of its OpenAPI) as a check of manifests: TypeScript says what is misspelt, missing, or of another type. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Built } from "../tools/kustomize.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where kubernetes-types has each kind. */
const homes: Record<string, string> = {
  "v1 Namespace": "core/v1",
  "v1 ServiceAccount": "core/v1",
  "v1 ConfigMap": "core/v1",
  "v1 Service": "core/v1",
  "v1 PersistentVolumeClaim": "core/v1",
  "apps/v1 Deployment": "apps/v1",
  "batch/v1 CronJob": "batch/v1",
  "networking.k8s.io/v1 NetworkPolicy": "networking/v1",
};

/** Kubernetes' types are long, and the same each time. */
const read = new Map<string, ts.SourceFile>();

/** What is wrong with manifests, as TypeScript puts it; empty where nothing is. */
export function faultsOf(manifests: readonly Built[]): string[] {
  const lines = manifests.map((one, index) => {
    const home = homes[`${one.apiVersion} ${one.kind}`];
    if (home === undefined) return `const m${index}: never = ${JSON.stringify(`${one.apiVersion} ${one.kind}`)};`;
    return `const m${index}: import("kubernetes-types/${home}").${one.kind} = ${JSON.stringify(one, null, 1)};`;
  });
  const file = join(root, "test/infra/manifests-as-code.ts");
  const options: ts.CompilerOptions = {
    ...{
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
    },
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  const text = `${lines.join("\n")}\nexport {};\n`;
  host.fileExists = (path) => path === file || fileExists(path);
  host.readFile = (path) => (path === file ? text : readFile(path));
  host.getSourceFile = (path, ...how) => {
    if (path === file) return getSourceFile(path, ...how);
    const known = read.get(path) ?? getSourceFile(path, ...how);
    if (known !== undefined) read.set(path, known);
    return known;
  };
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
}
