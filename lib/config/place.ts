/** What `internal` may hold. A pattern that can never match would hide a mistake, and what is internal would be told as egress. Pure. */
import ipaddr from "ipaddr.js";
import { parseAddress } from "../words/address.ts";

/** An address, a CIDR, a host name or `*.suffix`. */
export function isPlace(text: string): boolean {
  const [network = "", length] = text.split("/");
  if (length !== undefined) return parseAddress(network) !== null && ipaddr.isValidCIDR(text);
  if (parseAddress(text) !== null) return true;
  return !/^[\d.]+$/.test(text) && /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(text);
}
