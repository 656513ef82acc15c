/** What the page is given → one HTML file that asks nobody for anything. Pure. */
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { ScoutError } from "../../errors.ts";
import { columnsOf } from "./columns.ts";
import type { PackedData, PageData } from "./data.ts";

export interface PageAssets {
  /** The browser's code, and its style. */
  script: string;
  style: string;
}

export interface Page {
  html: string;
  /** For the header of whoever serves it; the file has the same within. */
  policy: string;
}

/** Of the policy, what counts in a header alone. */
const headerOnly = "; frame-ancestors 'none'";

/**
 * The data is compressed and in base64, so that nothing of it is markup whatever it says. Script and style run by their hashes alone,
 * and nothing can be fetched, sent or framed.
 */
export function pageHtml(data: PageData, { script, style }: PageAssets): Page {
  if (/<\/(script|style)/i.test(script + style)) {
    throw new ScoutError("internal", "the page's code would end its own element");
  }
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const lines = data.clusters.map(({ headline }) => `<p>${escaped(headline)}</p>`).join("");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>egress-scout: ${escaped(data.clusters.map(({ name }) => name).join(", ") || "nothing remembered yet")}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="page"><noscript><h1>egress-scout</h1>${lines}<p>The map, the table and the manifests need JavaScript.</p></noscript></div>
<script type="text/plain" id="data">${packed(data)}</script>
<script>${script}</script>
</body>
</html>
`;
  return { html, policy: `${policy}${headerOnly}` };
}

function packed({ at, clusters }: PageData): string {
  const data: PackedData = { at, clusters: clusters.map((one) => ({ ...one, flows: columnsOf(one.flows) })) };
  return deflateRawSync(JSON.stringify(data), { level: 9 }).toString("base64");
}

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escaped = (text: string) => text.replace(/[&<>"']/g, (one) => entities[one] ?? "");
