/** What a Telemetry resource may add to the catch-alls' metrics: the address of TCP and of HTTP, and the SNI. */
export const additions = ["address", "http-address", "sni"] as const;
export type Addition = (typeof additions)[number];
