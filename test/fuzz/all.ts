/** All properties, by input. */
import * as config from "./config.ts";
import * as dns from "./dns.ts";
import * as logLines from "./log-lines.ts";
import * as manifests from "./manifests.ts";
import * as messages from "./messages.ts";
import * as names from "./names.ts";
import type { Property } from "./property.ts";
import * as requests from "./requests.ts";
import * as runs from "./runs.ts";
import * as slack from "./slack.ts";
import * as telemetry from "./telemetry.ts";
import * as verdictFiles from "./verdict-files.ts";

const inputs = [config, telemetry, runs, logLines, names, dns, verdictFiles, manifests, messages, requests, slack];

export const properties: readonly Property[] = inputs.flatMap((one) => one.properties);
