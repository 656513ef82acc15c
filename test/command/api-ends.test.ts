/** `serve` is ended while a run goes on that somebody asked for: it says so to whoever asks later, and its window is not lost. */
import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { runShape } from "../../lib/api/scan.ts";
import { bearer, env, heldPast, serveApi } from "./api-set-up.ts";
import { serveScout } from "./serve-scout.ts";

it("SIGTERM: exit 0, and the run is told as broken off", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const held = await heldPast();
  const at = await serveApi(held, { prometheus: `http://127.0.0.1:${port}` });
  const begun = await at.post("/api/v1/scan", {});
  expect(begun.status).toBe(202);
  const place = begun.headers.get("location") ?? "";
  const running = runShape.parse(await (await at.get(place)).json());
  expect(running.state).toBe("running");
  expect(await at.served.stop()).toBe(0);
  const next = await serveScout(["--config", at.config], { env });
  const run = runShape.parse(await (await fetch(`${next.url}${place}`, { headers: bearer })).json());
  expect(run).toMatchObject({ state: "failed", scan: null, error: { code: "interrupted" } });
  const again = await fetch(`${next.url}/api/v1/scan`, {
    ...{ method: "POST", body: "{}" },
    headers: { ...bearer, "content-type": "application/json" },
  });
  expect(again.status).toBe(202);
  await next.stop("SIGKILL");
  silent.closeAllConnections();
  silent.close();
  await held.stop();
}, 60_000);
