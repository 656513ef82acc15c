// Prints the SBOM (CycloneDX) of what the package depends on when it runs: npm's own, less what only development needs. `npm sbom
// --omit=dev` would also leave out what both need.
import { execFileSync } from "node:child_process";

const args = ["sbom", "--package-lock-only", "--sbom-format=cyclonedx"];
const text = execFileSync("npm", args, {
  encoding: "utf8",
  maxBuffer: 2 ** 26,
  stdio: ["ignore", "pipe", "ignore"],
  cwd: import.meta.dirname,
});
const bom = JSON.parse(text);
const isDevelopment = ({ properties = [] }) =>
  properties.some(({ name, value }) => name === "cdx:npm:package:development" && value === "true");
bom.components = bom.components.filter((one) => !isDevelopment(one));
const kept = new Set([bom.metadata.component["bom-ref"], ...bom.components.map((one) => one["bom-ref"])]);
bom.dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
console.log(JSON.stringify(bom, null, 2));
