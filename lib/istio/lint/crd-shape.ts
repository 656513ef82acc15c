/** The ServiceEntry's shape in Istio's CRD (istio/api kubernetes/customresourcedefinitions.gen.yaml), alike in v1, v1beta1 and v1alpha3. */
import { resolutions } from "../api.ts";
import type { Shape } from "./shape.ts";

const text = (most?: number): Shape => (most === undefined ? { is: "text" } : { is: "text", most });
const list = (of: Shape, most?: number): Shape => (most === undefined ? { is: "list", of } : { is: "list", of, most });
const map = (of: Shape, most: number): Shape => ({ is: "map", of, most });
const number: Shape = { is: "number" };

const port: Shape = {
  is: "object",
  fields: { name: text(256), number, protocol: text(256), targetPort: number },
  required: ["name", "number"],
};

const endpoint: Shape = {
  is: "object",
  fields: {
    address: text(256),
    ports: map(number, 128),
    labels: map(text(), 256),
    network: text(2048),
    locality: text(2048),
    weight: number,
    serviceAccount: text(253),
  },
};

const spec: Shape = {
  is: "object",
  fields: {
    hosts: list(text(), 256),
    addresses: list(text(64), 256),
    ports: list(port, 256),
    location: { is: "text", oneOf: ["MESH_EXTERNAL", "MESH_INTERNAL"] },
    resolution: { is: "text", oneOf: resolutions },
    endpoints: list(endpoint, 4096),
    workloadSelector: { is: "object", fields: { labels: map(text(63), 256) } },
    exportTo: list(text()),
    subjectAltNames: list(text()),
  },
  required: ["hosts"],
};

/** `metadata` has rules of its own (metadata.ts); a status is dropped when an object is made. */
export const manifestShape: Shape = {
  is: "object",
  fields: { apiVersion: text(), kind: text(), metadata: { is: "any" }, spec, status: { is: "any" } },
  required: ["spec"],
};
