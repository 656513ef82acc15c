import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // prometheus-query as the bundle takes it: its ES module, whose axios the alias below replaces.
  ssr: { resolve: { mainFields: ["module", "main"] }, noExternal: ["prometheus-query"] },
  test: {
    include: ["test/**/*.test.ts"],
    // The bundle does the same: prometheus-query speaks through our own fetch, and yaml is its ES modules (build.mjs says why).
    alias: { axios: here("./lib/poll/axios.ts"), yaml: here("./node_modules/yaml/browser/index.js") },
    globalSetup: ["test/setup.ts"],
    // Most tests here wait for processes of their own, so that one more is at work than there are cores.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
