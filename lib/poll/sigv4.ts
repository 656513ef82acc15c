/** ADAPTER: AWS' signature on questions to Prometheus (Amazon Managed Prometheus), with the credentials that the SDK finds. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { SignatureV4 } from "@smithy/signature-v4";
import { ScoutError } from "../errors.ts";
import { printable } from "../words/printable.ts";

export interface Sigv4Settings {
  region: string;
  /** As AWS calls it in a signature: `aps` for Amazon Managed Prometheus. */
  service: string;
  /** Query samples processed by one question: from where on it answers with a warning, and with an error. Null for the account's own limit. */
  samplesPerQuery: { warn: number | null; most: number | null };
  /** A clock, ms. */
  now: () => number;
}

/** What is signed: the body to the byte, as it is sent. */
export interface Unsigned {
  method: string;
  url: URL;
  body: string;
  headers: Readonly<Record<string, string>>;
}

export interface Signing {
  /** Added to the URL of every query. https://docs.aws.amazon.com/prometheus/latest/userguide/query-insights-control.html */
  limits: Readonly<Record<string, string>>;
  /**
   * The headers to send, those given included. The libraries are loaded with the first.
   * @throws ScoutError `prometheus/unauthorized` where there are no credentials
   */
  sign(request: Unsigned): Promise<Record<string, string>>;
}

/** What the signer takes. */
interface HttpRequest extends Omit<Unsigned, "url"> {
  headers: Record<string, string>;
  protocol: string;
  hostname: string;
  path: string;
  query: Record<string, string>;
}

/** Node's own hash in the shape that the signer takes. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

export function sigv4({ region, service, samplesPerQuery, now }: Sigv4Settings): Signing {
  let opened: Promise<SignatureV4> | undefined;
  const { warn, most } = samplesPerQuery;
  const limits = service === "aps" ? { warning: warn, error: most } : {};
  return {
    limits: Object.fromEntries(
      Object.entries(limits).flatMap(([level, samples]) =>
        samples === null ? [] : [[`max_samples_processed_${level}_threshold`, String(samples)]],
      ),
    ),
    async sign({ method, url, body, headers }) {
      opened ??= open(region, service);
      const request = {
        ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, body },
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host },
      };
      const { host: _, ...signed } = await signedHeaders(await opened, request, now());
      return signed;
    },
  };
}

async function open(region: string, service: string): Promise<SignatureV4> {
  const [{ SignatureV4 }, { defaultProvider }] = await Promise.all([
    import("@smithy/signature-v4"),
    import("@aws-sdk/credential-provider-node"),
  ]);
  return new SignatureV4({ credentials: defaultProvider(), region, service, sha256: Sha256 });
}

async function signedHeaders(signer: SignatureV4, request: HttpRequest, now: number): Promise<Record<string, string>> {
  try {
    return (await signer.sign(request, { signingDate: new Date(now) })).headers;
  } catch (thrown) {
    // No cause: what credentials are read from may be quoted there.
    const said = thrown instanceof Error ? printable(thrown.message, 200).slice(1, -1) : "";
    throw new ScoutError(
      "prometheus/unauthorized",
      `no AWS credentials to sign questions to Prometheus with: ${said}`,
      {
        mend: "give this process AWS credentials: a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      },
    );
  }
}
