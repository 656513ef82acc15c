/** A certificate for loopback that nobody knows but who is told, made by openssl. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toolPath } from "../tools/ensure.ts";

export interface Certificate {
  key: string;
  cert: string;
  /** The certificate's file, for NODE_EXTRA_CA_CERTS. */
  file: string;
}

export function makeCertificate(folder: string): Certificate {
  const [keyFile, file] = [join(folder, "tls.key"), join(folder, "tls.crt")];
  const what = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const whom = ["-subj", "/CN=egress-scout test", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync(toolPath("openssl"), [...what, ...whom, "-keyout", keyFile, "-out", file], { stdio: "pipe" });
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(file, "utf8"), file };
}
