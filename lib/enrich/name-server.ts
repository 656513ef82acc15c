/** How a DNS server is written: in a config, after `--dns`. Pure. */

import { ScoutError } from "../errors.ts";
import { parseAddressPort } from "../words/address.ts";
import { printable } from "../words/printable.ts";

/**
 * `10.0.0.2`, `10.0.0.2:53`, `[2001:db8::1]:53` or `2001:db8::1` → the same with a port (53 where none is written).
 * @throws ScoutError `usage` for all else: a host name, or a port that is not 1 to 65535. Node would take `127.0.0.1:99999` for
 * port 34463 (measured), and ask whoever listens there.
 */
export function nameServer(text: string): string {
  const server = parseAddressPort(text);
  if (server === null) {
    throw new ScoutError("usage", `${printable(text)} is no DNS server`, {
      mend: "give an IP address and a port of 1 to 65535: 10.0.0.2:53 or [2001:db8::1]:53",
    });
  }
  const host = server.address.includes(":") ? `[${server.address}]` : server.address;
  return `${host}:${server.port ?? 53}`;
}
