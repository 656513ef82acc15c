import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The bundle does the same: prometheus-query speaks through our own fetch (build.mjs says why).
    alias: { axios: fileURLToPath(new URL("./lib/poll/axios.ts", import.meta.url)) },
    server: { deps: { inline: ["prometheus-query"] } },
    globalSetup: ["test/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
