/** All cases; tools put them to Istio as well. */
import type { RouteCase } from "../make.ts";
import { dnsCaptureCases } from "./dns-capture.ts";
import { duplicateCases } from "./duplicates.ts";
import { httpCases } from "./http.ts";
import { protocolCases } from "./protocols.ts";
import { tcpCases } from "./tcp.ts";
import { tlsCases } from "./tls.ts";
import { visibilityCases } from "./visibility.ts";

export const families: Record<string, RouteCase[]> = {
  HTTP: httpCases,
  TLS: tlsCases,
  TCP: tcpCases,
  protocols: protocolCases,
  visibility: visibilityCases,
  duplicates: duplicateCases,
  "DNS capture": dnsCaptureCases,
};
