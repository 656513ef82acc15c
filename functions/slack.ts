/** Slack's buttons behind a Function URL that anybody may call: what is not signed by Slack is refused, and nothing else is there. */
import { urlHandler } from "./url.ts";

export const handler = urlHandler("no-clients");
