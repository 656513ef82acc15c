/** Finds the real programs the tests run against, and installs them where that is allowed. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Tool =
  | "prometheus"
  | "promtool"
  | "prometheus-alertmanager"
  | "prometheus-pushgateway"
  | "dnsmasq"
  | "victoria-metrics"
  | "kubectl"
  | "curl"
  | "openssl"
  | "systemd-analyze"
  | "patch"
  | "chromium"
  | "jq"
  | "dnsperf";

/** The Debian package of each. */
const packages: Record<Tool, string> = {
  prometheus: "prometheus",
  promtool: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
  "prometheus-pushgateway": "prometheus-pushgateway",
  dnsmasq: "dnsmasq-base",
  "victoria-metrics": "victoria-metrics",
  kubectl: "kubernetes-client",
  curl: "curl",
  openssl: "openssl",
  "systemd-analyze": "systemd",
  patch: "patch",
  chromium: "chromium",
  jq: "jq",
  // For the benches only.
  dnsperf: "dnsperf",
};

/** What the machine can do: replaced in tests. `run` answers the exit code. */
export interface Machine {
  find(name: string): string | null;
  /** Debian or like it, and root. */
  mayInstall: boolean;
  run(command: string, args: string[]): Promise<number>;
  say(line: string): void;
}

const aptOptions = ["-y", "-o", "DPkg::Lock::Timeout=300"];

/** This machine. Daemons of Debian packages belong into sbin, which is not in everybody's PATH. */
const here: Machine = {
  find(name) {
    const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/sbin"];
    return (
      folders
        .filter((folder) => folder !== "")
        .map((folder) => join(folder, name))
        .find(isProgram) ?? null
    );
  },
  mayInstall: process.getuid?.() === 0 && existsSync("/usr/bin/apt-get"),
  run: (command, args) =>
    new Promise((resolve) => {
      // A package's daemon is not to start: runlevel 1 tells Debian's invoke-rc.d so where there is no policy-rc.d.
      const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
      // apt's own progress goes to stderr: stdout belongs to whoever called.
      const child = spawn(command, args, { env, stdio: ["ignore", 2, 2] });
      child.on("error", () => resolve(127));
      child.on("close", (code) => resolve(code ?? 1));
    }),
  say: (line) => void process.stderr.write(`${line}\n`),
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The path of a tool; throws with what to do where it is missing. */
export function toolPath(name: Tool): string {
  const path = here.find(name);
  if (path === null) throw missing([name]);
  return path;
}

/**
 * Makes sure that the tools are there: as root on Debian it installs what is missing, with progress on stderr. Else, or where that
 * fails, throws an error that names each missing tool and how to get it.
 */
export async function ensureTools(names: readonly Tool[], machine: Machine = here): Promise<void> {
  const lacking = () => names.filter((name) => machine.find(name) === null);
  const first = lacking();
  if (first.length === 0) return;
  if (!machine.mayInstall) throw missing(first);
  const wanted = [...new Set(first.map((name) => packages[name]))];
  machine.say(`installing ${wanted.join(" and ")} (Debian packages) for ${first.join(", ")}`);
  // An update that fails may still leave lists good enough to install from.
  if ((await machine.run("apt-get", ["update", ...aptOptions])) !== 0) machine.say("apt-get update failed, going on");
  await machine.run("apt-get", ["install", ...aptOptions, "--no-install-recommends", ...wanted]);
  const still = lacking();
  if (still.length > 0) throw missing(still);
}

function missing(names: readonly Tool[]): Error {
  const wanted = [...new Set(names.map((name) => packages[name]))].join(" ");
  const verb = names.length === 1 ? "is" : "are";
  return new Error(
    `${names.join(", ")} ${verb} not in PATH, /usr/bin or /usr/sbin; on Debian or Ubuntu: sudo apt-get install --no-install-recommends ${wanted}`,
  );
}
