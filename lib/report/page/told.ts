/** What of clusters the page tells. Types alone: whoever has a picture of them has this. */
import type { Finding, Name, Owner, Sighting, ToldFinding, Verdict } from "../../model.ts";

export interface FlowTold {
  id: string;
  sighting: Sighting;
  names: readonly Name[];
  owner: Owner | null;
  verdict: Verdict | null;
  isNew: boolean;
  planned: { isCovered: boolean; isClosed: boolean; why: string } | null;
  suggested: Finding;
}

export interface ClusterTold {
  cluster: string;
  lastRun: number | null;
  isCoverageKnown: boolean;
  flows: readonly FlowTold[];
  /** Flows that are remembered, and too many to be shown. */
  leftOut: number;
  open: readonly Finding[];
  told: readonly ToldFinding[];
  namespaces: readonly { namespace: string; flows: number; covered: number; closed: number }[];
  conflicts: readonly string[];
  warnings: readonly string[];
}

export interface PictureTold {
  at: number;
  clusters: readonly ClusterTold[];
}
