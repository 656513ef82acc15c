/** The HTTP API behind a Function URL: whom AWS has let in by IAM, or who has a token. */
import { urlHandler } from "./url.ts";

export const handler = urlHandler("iam");
