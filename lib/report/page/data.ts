/** What the page in the browser is given: JSON, with every text made visible (shown.ts) before it gets here. Types alone. */

import type { Severity } from "../../model.ts";
import type { Columns } from "./columns.ts";

/** `null`: nobody knows. Times are ms since the epoch. */
export interface PageData {
  /** When the page was made. */
  at: number;
  clusters: PageCluster[];
}

/** As it is in the file. */
export interface PackedData extends Omit<PageData, "clusters"> {
  clusters: (Omit<PageCluster, "flows"> & { flows: Columns<PageFlow> })[];
}

export interface PageCluster {
  name: string;
  lastRun: number | null;
  /** How the mesh stands, as one sentence. */
  headline: string;
  /** Were manifests in force given? */
  isCoverageKnown: boolean;
  destinations: PageDestination[];
  flows: PageFlow[];
  /** Flows that are remembered, and too many to be shown. */
  leftOut: number;
  /** Open findings, the gravest first. */
  findings: PageFinding[];
  namespaces: PageNamespace[];
  /** Long texts that many flows share: reasons, warnings, manifests. */
  texts: string[];
  /** Of the manifests in force, and what the suggested ones would take from others. */
  warnings: string[];
}

/** An index into `texts`. */
export type TextAt = number;

export interface PageDestination {
  label: string;
  /** The registrable domain or the network that it belongs to. */
  group: string;
  /** What kind of group that is. */
  by: "domain" | "network" | "none";
}

export interface PageFlow {
  /** For `egress-scout verdict set`. */
  id: string;
  namespace: string;
  /** With its cluster before it, where that is not the page's. */
  workload: string;
  /** An index into `destinations`. */
  to: number;
  protocol: string;
  port: number | null;
  sni: string | null;
  address: string | null;
  isBlocked: boolean;
  isNew: boolean;
  /** By a manifest in force, for certain. Null where it is blocked, or nobody gave manifests. */
  isCovered: boolean | null;
  /** Also by the suggested ones; null where it is blocked. */
  isClosed: boolean | null;
  /** Why it is covered, or is not. */
  why: TextAt | null;
  count: number;
  /** To the minute. */
  first: number;
  last: number;
  team: string | null;
  /** What says so: `config`, `label:NAME`, `told`, … */
  teamFrom: string;
  verdict: PageVerdict | null;
  names: PageName[];
  manifest: PageManifest | null;
  /** Why there is none. */
  noManifest: TextAt | null;
  marks: PageMark[];
}

export interface PageVerdict {
  verdict: string;
  until: number | null;
  at: number | null;
  by: string | null;
  reason: string | null;
}

export interface PageName {
  name: string;
  from: string;
  trust: string;
  why: TextAt;
}

export interface PageManifest {
  yaml: TextAt;
  confidence: string;
  why: TextAt[];
  warnings: TextAt[];
}

/** Something that happened on a flow: a finding told at a time, or open since. */
export interface PageMark {
  kind: string;
  at: number;
  /** Only of open findings. */
  until: number | null;
}

export interface PageFinding {
  id: string;
  kind: string;
  severity: Severity;
  summary: string;
  source: string;
  /** An index into `destinations`; null where it is about none, or about many. */
  to: number | null;
  first: number;
  last: number;
  count: number;
  verdict: string | null;
  /** Of a spike: calls of each five minutes up to `last`. */
  recent: number[] | null;
}

export interface PageNamespace {
  namespace: string;
  /** That are let through. */
  flows: number;
  /** Null where nobody gave manifests in force. */
  covered: number | null;
  /** Covered with the suggested manifests. */
  closed: number;
  /** Blocked today already. */
  blocked: number;
}
