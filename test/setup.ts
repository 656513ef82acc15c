/** Before all tests: the tools they need, and a build of what they test. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureTools } from "./tools/ensure.ts";

export default async function setup(): Promise<void> {
  await ensureTools([
    ...(["prometheus", "promtool", "prometheus-alertmanager", "dnsmasq", "victoria-metrics"] as const),
    ...(["patch", "chromium", "openssl"] as const),
  ]);
  const root = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, ["build.mjs"], { cwd: root, stdio: "inherit" });
}
