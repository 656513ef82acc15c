/** `egress-scout demo`: the main job on a simulated mesh with a real Prometheus and a DNS server, all on this machine. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

/** What dist/demo.mjs, built from test/mesh/demo.ts, exports. */
interface Story {
  demo(run: {
    scan(args: string[]): Promise<number>;
    print(line: string): void;
    signal: AbortSignal;
  }): Promise<unknown>;
}

/** @param command the built command's own URL: demo.mjs stands beside it */
export function addDemo(program: Command, command: string): void {
  program
    .command("demo")
    .description("a simulated mesh, a real Prometheus and a DNS server, all local, and scans that find something")
    .action(async () => {
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        // Not `once`: npm passes Ctrl-C on as well, and a second one must not cut the cleaning up.
        process.on(signal, () => {
          process.exitCode = signal === "SIGINT" ? 130 : 143;
          stop.abort();
        });
      }
      const story: Story = await import(new URL("./demo.mjs", command).href);
      try {
        await story.demo({
          scan: (args) => scan(command, args),
          print: (line) => process.stdout.write(`${line}\n`),
          signal: stop.signal,
        });
      } catch (thrown) {
        if (!stop.signal.aborted) throw thrown;
      }
    });
}

/** Each scan is a process of its own, as cron would start it. */
function scan(command: string, args: string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(process.execPath, [fileURLToPath(command), "scan", ...args], { stdio: "inherit" });
  child.once("error", reject);
  child.once("exit", (code) => resolve(code ?? 1));
  return promise;
}
