#!/usr/bin/env node
/** Starts the command; what V8 compiles of it is kept for the next time, which saves a scan a fortieth of its time. */
import { lstatSync, mkdirSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { cacheFolder } from "../lib/words/cache-folder.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 16)) {
  process.stderr.write(`egress-scout: usage: Node ${process.version} is too old; 22.16 or later is needed\n`);
  process.exit(2);
}

const folder = cacheFolder(process.env);
if (folder !== null && isOurs(folder) && isOurs(join(folder, "compiled")))
  module.enableCompileCache(join(folder, "compiled"));
const { main } = await import("./program.ts");
await main(import.meta.url);

/** What is kept there will run: nobody else may be able to put it there. Where it cannot be made, nothing is kept. */
function isOurs(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = lstatSync(path);
    return found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
