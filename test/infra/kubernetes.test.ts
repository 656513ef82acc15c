import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { CronJob } from "kubernetes-types/batch/v1.d.ts";
import type { ConfigMap, PodSpec, Service } from "kubernetes-types/core/v1.d.ts";
import type { NetworkPolicy } from "kubernetes-types/networking/v1.d.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runScout } from "../command/run-scout.ts";
import { parsed } from "../config/make.ts";
import { ensureTools } from "../tools/ensure.ts";
import { type Built, kustomizationOf, kustomize, kustomizeFlat } from "../tools/kustomize.ts";
import { tempFolder } from "../tools/temp.ts";
import { faultsOf } from "./kubernetes-types.ts";

/** A copy: builds write beside what they read, and other tests copy infra/ meanwhile. */
const temp = tempFolder("kubernetes");
const folder = join(temp.path, "kubernetes");
cpSync(fileURLToPath(new URL("../../infra/kubernetes", import.meta.url)), folder, { recursive: true });
afterAll(temp.remove);

/** The example with other components. Beside the others, since Kustomize takes nothing from outside. */
function withComponents<T>(names: readonly string[], use: (folder: string) => T): T {
  const own = mkdtempSync(join(folder, ".test-"));
  try {
    const { components: _, ...rest } = kustomizationOf(join(folder, "example"));
    for (const name of ["namespace.yaml", "egress-scout.yaml"])
      writeFileSync(join(own, name), readFileSync(join(folder, "example", name)));
    const all = { ...rest, components: names.map((name) => `../components/${name}`) };
    writeFileSync(join(own, "kustomization.yaml"), JSON.stringify(all));
    return use(own);
  } finally {
    rmSync(own, { recursive: true });
  }
}

const of = <T>(all: readonly Built[], kind: string, name = "egress-scout"): T => {
  const found = all.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found as unknown as T;
};
const jobPod = (all: readonly Built[]): PodSpec =>
  of<CronJob>(all, "CronJob").spec?.jobTemplate.spec?.template.spec ?? { containers: [] };

describe("infra/kubernetes", () => {
  let builds: Record<"base" | "example" | "dynamodb", Built[]>;
  beforeAll(async () => {
    await ensureTools(["kubectl"]);
    builds = {
      base: kustomize(join(folder, "base")),
      example: kustomize(join(folder, "example")),
      dynamodb: withComponents(["https", "dynamodb", "serve"], kustomize),
    };
  });

  it("builds to what its parts say, with a kubectl from before components as well", () => {
    const kinds = (all: readonly Built[]) => all.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
    const base = ["ConfigMap", "CronJob", "NetworkPolicy", "PersistentVolumeClaim", "ServiceAccount"];
    expect(kinds(builds.base)).toEqual(base.map((kind) => `${kind}/egress-scout`));
    expect(kinds(builds.example)).toEqual([
      ...["ConfigMap/egress-scout", "CronJob/egress-scout", "Namespace/egress-scout", "NetworkPolicy/egress-scout"],
      ...["NetworkPolicy/egress-scout-https", "PersistentVolumeClaim/egress-scout", "ServiceAccount/egress-scout"],
    ]);
    expect(kinds(builds.dynamodb)).toContain("Deployment/egress-scout-serve");
    expect(kinds(builds.dynamodb)).not.toContain("PersistentVolumeClaim/egress-scout");
    const ordered = (all: readonly Built[]) => [...all].sort((a, b) => (kinds([a]) < kinds([b]) ? -1 : 1));
    const flat = withComponents(["https", "dynamodb", "serve"], kustomizeFlat);
    expect(ordered(flat)).toEqual(ordered(builds.dynamodb));
  });

  it("is what Kubernetes' own types allow, to the last field", () => {
    expect(faultsOf(Object.values(builds).flat())).toEqual([]);
  });

  it("is checked so that a misspelt, missing or wrong field is found", () => {
    const broken = structuredClone(builds.base).filter(({ kind }) => kind === "CronJob");
    const pod = jobPod(broken) as unknown as { containers: Record<string, unknown>[]; hostNetworking?: boolean };
    pod.hostNetworking = true;
    expect(faultsOf(broken)).toEqual([expect.stringContaining("'\"hostNetworking\"' does not exist")]);
    delete pod.hostNetworking;
    pod.containers[0] = { ...pod.containers[0], image: 7 };
    expect(faultsOf(broken)).toEqual([expect.stringContaining("not assignable to type 'string'")]);
    expect(faultsOf([{ apiVersion: "batch/v1beta1", kind: "CronJob", metadata: { name: "x" } }])).toHaveLength(1);
  });

  it("runs one at a time, ends in time, and does not repeat what cannot get better", () => {
    const { spec } = of<CronJob>(builds.base, "CronJob");
    const job = spec?.jobTemplate.spec;
    expect(spec).toMatchObject({ concurrencyPolicy: "Forbid", schedule: "*/5 * * * *" });
    // Kubernetes misses starts with a deadline of under ten seconds.
    expect(spec?.startingDeadlineSeconds).toBeGreaterThan(10);
    expect(job?.activeDeadlineSeconds).toBeGreaterThan(0);
    expect(job?.ttlSecondsAfterFinished).toBeGreaterThan(0);
    expect(job?.podFailurePolicy?.rules[0]).toMatchObject({ action: "FailJob", onExitCodes: { values: [2] } });
    // The only one that podFailurePolicy goes with.
    expect(jobPod(builds.base).restartPolicy).toBe("Never");
  });

  it("passes Pod Security's restricted profile, has no token, and stays out of the mesh", () => {
    const serve = of<Deployment>(builds.dynamodb, "Deployment", "egress-scout-serve").spec?.template;
    const scan = of<CronJob>(builds.base, "CronJob").spec?.jobTemplate.spec?.template;
    for (const template of [serve, scan]) {
      expect(template?.metadata?.labels).toMatchObject({
        "sidecar.istio.io/inject": "false",
        "istio.io/dataplane-mode": "none",
      });
      expect(template?.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      });
      for (const { securityContext, resources } of template?.spec?.containers ?? []) {
        expect(securityContext).toEqual({
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        });
        expect(resources?.limits).toHaveProperty("memory");
      }
    }
    const kinds = Object.values(builds).flatMap((all) => all.map(({ kind }) => kind));
    expect(kinds.filter((kind) => /Role/.test(kind))).toEqual([]);
  });

  it("mounts what there is, under names that are there", () => {
    for (const all of Object.values(builds)) {
      const pods = all.flatMap((one) =>
        one.kind === "CronJob"
          ? [jobPod([one])]
          : one.kind === "Deployment"
            ? [(one as unknown as Deployment).spec?.template.spec ?? { containers: [] }]
            : [],
      );
      for (const { volumes = [], containers, serviceAccountName = "" } of pods) {
        const mounts = containers.flatMap((one) => one.volumeMounts ?? []);
        expect(mounts.map(({ name }) => name).sort()).toEqual(volumes.map(({ name }) => name).sort());
        expect(of(all, "ServiceAccount", serviceAccountName)).toBeDefined();
        for (const { configMap, persistentVolumeClaim } of volumes) {
          if (configMap?.name)
            expect(of<ConfigMap>(all, "ConfigMap", configMap.name).data).toHaveProperty(["egress-scout.yaml"]);
          if (persistentVolumeClaim)
            expect(of(all, "PersistentVolumeClaim", persistentVolumeClaim.claimName)).toBeDefined();
        }
        const state = containers[0]?.env?.find(({ name }) => name === "EGRESS_SCOUT_STATE")?.value ?? "";
        const path = /^sqlite:(.*)\/[^/]+$/.exec(state)?.[1];
        if (path === undefined) expect(state).toMatch(/^dynamodb:/);
        else expect(mounts.map(({ mountPath }) => mountPath)).toContain(path);
      }
    }
  });

  it("selects the pods it is about, on the ports they have", () => {
    const all = builds.dynamodb;
    const deployment = of<Deployment>(all, "Deployment", "egress-scout-serve").spec;
    const labels = deployment?.template.metadata?.labels ?? {};
    const scan = of<CronJob>(all, "CronJob").spec?.jobTemplate.spec?.template.metadata?.labels ?? {};
    const service = of<Service>(all, "Service").spec;
    const [container] = deployment?.template.spec?.containers ?? [];
    const ports = container?.ports?.map(({ name }) => name);
    expect(labels).toMatchObject(deployment?.selector.matchLabels ?? { none: "" });
    expect(labels).toMatchObject(service?.selector ?? { none: "" });
    expect(scan).not.toMatchObject(service?.selector ?? {});
    expect(ports).toContain(service?.ports?.[0]?.targetPort);
    for (const probe of [container?.readinessProbe, container?.livenessProbe])
      expect(probe?.httpGet).toEqual({ path: "/healthz", port: "http" });
    expect(container?.args?.slice(-2)).toEqual(["--port", String(container?.ports?.[0]?.containerPort)]);
    for (const policy of all.filter(({ kind }) => kind === "NetworkPolicy") as unknown as NetworkPolicy[])
      expect(labels).toMatchObject(policy.spec?.podSelector.matchLabels ?? { none: "" });
  });

  it("lets nobody in and only the DNS and Prometheus out, unless an overlay says so", () => {
    const { spec } = of<NetworkPolicy>(builds.base, "NetworkPolicy");
    expect(spec?.policyTypes).toEqual(["Ingress", "Egress"]);
    expect(spec?.ingress ?? []).toEqual([]);
    expect(spec?.egress?.flatMap(({ ports }) => ports?.map(({ port }) => port))).toEqual([53, 53, 9090, 9091]);
    expect(spec?.egress?.every(({ to }) => to?.every((one) => one.namespaceSelector !== undefined))).toBe(true);
  });

  it("calls the command with options it has, and with configs that are right", async () => {
    const { stdout } = await runScout(["scan", "--help"]);
    const [command, ...args] = jobPod(builds.base).containers[0]?.args ?? [];
    expect(command).toBe("scan");
    for (const option of args.filter((one) => one.startsWith("--"))) expect(stdout).toContain(`${option} <`);
    for (const all of Object.values(builds)) {
      const text = of<ConfigMap>(all, "ConfigMap").data?.["egress-scout.yaml"] ?? "";
      expect(parsed(text).clusters).toHaveLength(1);
    }
    expect(of<ConfigMap>(builds.example, "ConfigMap").data?.["egress-scout.yaml"]).toContain("SLACK_WEBHOOK");
  });

  it("gives the example's namespace and image to every object", () => {
    const images = [jobPod(builds.example), jobPod(builds.dynamodb)].map(({ containers }) => containers[0]?.image);
    expect(new Set(images)).toEqual(new Set(["registry.example/egress-scout:0.1.0"]));
    const others = builds.dynamodb.filter(({ kind }) => kind !== "Namespace");
    expect(new Set(others.map(({ metadata }) => metadata.namespace))).toEqual(new Set(["egress-scout"]));
  });
});
