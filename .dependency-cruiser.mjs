// The arrows of docs/architecture.md, as rules. Each comment says what to do instead.
const stages = "poll|observe|detect|enrich|suggest|notify|remember|report";
/** Pure words that every stage may use. */
const words = "^lib/(?:(model|errors)[.]ts$|words/|policy/)";
/** The files that speak to the world. */
const adapters = [
  "^lib/wire([.]ts$|/)",
  "^lib/config/(load|existing|verdicts|read-text|owner-files|yaml-files|aws-places|s3|aws-values|aws-secrets)[.]ts$",
  "^lib/poll/(prometheus|axios|sigv4)[.]ts$",
  "^lib/poll/logs/(loki|cloudwatch|files)[.]ts$",
  "^lib/enrich/(dns|list-networks)[.]ts$",
  "^lib/enrich/ranges/(load|sources|cache|fetch)[.]ts$",
  "^lib/notify/(post|pacer|slack|slack-token|slack-client|slack-reply|alertmanager|webhook|sns|sns-[a-z]+)[.]ts$",
  "^lib/remember/sqlite(-file|-writes|-verdicts|-runs)?[.]ts$",
  "^lib/remember/dynamodb(-(table|packs|lease|cluster|runs))?[.]ts$",
  "^lib/doctor/reach[.]ts$",
  "^lib/self/(http|textfile|pushgateway|deadman)[.]ts$",
  "^lib/propose/(http|github(-files|-pulls)?|gitlab(-requests)?)[.]ts$",
];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      comment: "Two files that need each other are one, or miss a third.",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-orphans",
      severity: "error",
      comment: "Nobody uses this file: use it, or delete it.",
      from: { orphan: true, path: "^(lib|functions|bin)/" },
      to: {},
    },
    {
      name: "model-imports-nothing",
      severity: "error",
      comment: "The words come first: whatever model.ts or errors.ts needs belongs into them.",
      from: { path: "^lib/(model|errors|words/log)[.]ts$" },
      to: {},
    },
    {
      name: "stages-are-strangers",
      severity: "error",
      comment:
        "A stage hands data on through lib/model.ts; only lib/wire.ts and the run itself (lib/scout.ts, look, recognise, owners, gather, describe, tally, watch, tell, replay, and their folders) know two stages.",
      from: { path: `^lib/(${stages})/` },
      to: { path: `^lib/(${stages})/`, pathNot: "^lib/$1/" },
    },
    {
      name: "stages-look-down",
      severity: "error",
      comment: "A stage uses its own folder and the words (model, errors, words/, policy/), nothing above it.",
      from: { path: `^lib/(${stages})/` },
      // What suggests may ask what Istio makes of a manifest; no-one-else-asks-istio keeps the others out.
      to: { path: "^(lib|functions|bin)/", pathNot: [`^lib/(${stages})/`, words, "^lib/istio/"] },
    },
    {
      name: "istio-looks-nowhere-else",
      severity: "error",
      comment:
        "lib/istio/ says what Istio admits and how it routes: pure, from manifests and words (model, errors, words/) alone.",
      from: { path: "^lib/istio/" },
      to: { path: "^(lib|functions|bin)/", pathNot: ["^lib/istio/", words] },
    },
    {
      name: "no-one-else-asks-istio",
      severity: "error",
      comment:
        "Only lib/suggest/, lib/plan, lib/watch/entries.ts and the commands (bin/) ask what Istio makes of a manifest: hand the answer on as a value.",
      from: { path: "^(lib|functions)/", pathNot: "^lib/(istio|suggest|plan|watch/entries)[/.]" },
      to: { path: "^lib/istio/" },
    },
    {
      name: "words-look-nowhere-else",
      severity: "error",
      comment: "The words use each other at most.",
      from: { path: words },
      to: { path: "^(lib|functions|bin)/", pathNot: words },
    },
    {
      name: "config-knows-no-stage",
      severity: "error",
      comment: "The config is data: lib/wire.ts turns it into parts.",
      from: { path: "^lib/config/" },
      to: { path: "^(lib|functions|bin)/", pathNot: ["^lib/config/", words] },
    },
    {
      name: "scout-knows-ports-not-adapters",
      severity: "error",
      comment: "The run takes its parts from lib/wire.ts; import the port's type.",
      from: {
        path: "^lib/((scout|look|recognise|gather|describe|tally|replay)[.]ts$|(owners|watch|tell)[./]|verdicts/)",
      },
      to: { path: [...adapters, "^lib/(config|notify/index|remember/index)"] },
    },
    {
      name: "doctor-knows-ports-not-adapters",
      severity: "error",
      comment:
        "A check takes its parts from lib/wire/doctor.ts (lib/doctor/patient.ts has their types); import the port's type.",
      from: { path: "^lib/doctor([.]ts$|/)", pathNot: "^lib/doctor/reach[.]ts$" },
      to: { path: [...adapters, "^lib/(config|notify/index|remember/index)"] },
    },
    {
      name: "no-one-asks-the-doctor",
      severity: "error",
      comment: "doctor looks at runs, and no run depends on it: only bin/ and lib/wire/doctor.ts know it.",
      from: { path: "^(lib|functions)/", pathNot: "^lib/(doctor[./]|wire/doctor[.])" },
      to: { path: "^lib/(doctor[./]|wire/doctor[.])" },
    },
    {
      name: "api-knows-ports-not-adapters",
      severity: "error",
      comment:
        "The HTTP API takes its parts from lib/wire/api.ts (lib/api/parts.ts has their types); import the port's type.",
      from: { path: "^lib/api/" },
      to: { path: [...adapters, "^lib/(notify/index|remember/index)"] },
    },
    {
      name: "no-one-asks-the-api",
      severity: "error",
      comment:
        "The API hands on what others decide: only bin/, functions/, lib/wire/api.ts and lib/wire/asked.ts know it.",
      from: { path: "^lib/", pathNot: "^lib/(api/|wire/(api|asked)[.])" },
      to: { path: "^lib/(api/|wire/(api|asked)[.])" },
    },
    {
      name: "propose-looks-down",
      severity: "error",
      comment:
        "What goes into a pull request comes from a plan as values (lib/wire/propose.ts hands them on): import words, and the port's type.",
      from: { path: "^lib/propose/" },
      to: { path: "^(lib|functions|bin)/", pathNot: ["^lib/propose/", words] },
    },
    {
      name: "propose-knows-the-port-not-adapters",
      severity: "error",
      comment: "lib/wire/propose.ts picks the host; import the port's type (lib/propose/repository.ts).",
      from: { path: "^lib/propose/", pathNot: adapters },
      to: { path: adapters },
    },
    {
      name: "no-one-asks-for-pull-requests",
      severity: "error",
      comment: "No run and no plan depends on pull requests: only bin/ and lib/wire/propose.ts know them.",
      from: { path: "^(lib|functions)/", pathNot: "^lib/(propose/|wire/propose[.])" },
      to: { path: "^lib/(propose/|wire/propose[.])" },
    },
    {
      name: "only-wire-picks",
      severity: "error",
      comment: "Only lib/wire.ts and the tables of adapters choose one.",
      from: { pathNot: ["^lib/(notify|remember|config)/index[.]ts$", "^test/", ...adapters] },
      to: { path: adapters.slice(2) },
    },
    {
      name: "only-adapters-use-node",
      severity: "error",
      comment: "This file is meant to be pure: let an adapter fetch it and pass the value in.",
      from: { path: "^lib/", pathNot: adapters },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|path|util|zlib)$" },
    },
    {
      name: "one-home-for-each-sdk",
      severity: "error",
      comment: "A service's client is known to its adapter only.",
      from: {
        pathNot: [
          "^lib/notify/sns",
          "^lib/poll/(logs/cloudwatch|sigv4)[.]ts$",
          "^lib/config/(s3|aws-values)[.]ts$",
          "^functions/queue[.]ts$",
          "^lib/remember/dynamodb-(table|head)[.]ts$",
          "^test/",
        ],
      },
      to: { path: "node_modules/@aws-sdk/" },
    },
    {
      name: "one-home-for-prometheus-query",
      severity: "error",
      comment: "Ask lib/poll/prometheus.ts.",
      from: { pathNot: ["^lib/poll/prometheus[.]ts$", "^test/"] },
      to: { path: "node_modules/prometheus-query/" },
    },
    {
      name: "page-is-the-browsers",
      severity: "error",
      comment: "page/ runs in a browser: it has what lib/report/page/ packed for it, and preact.",
      from: { path: "^page/" },
      to: { path: "^(lib|functions|bin)/", pathNot: "^lib/report/page/(data|columns)[.]ts$" },
    },
    {
      name: "no-one-imports-the-page",
      severity: "error",
      comment: "build.mjs bundles page/ into texts: lib/report/page/assets.ts has them.",
      from: { path: "^(lib|functions|bin)/" },
      to: { path: "^page/" },
    },
    {
      name: "not-to-entries",
      severity: "error",
      comment: "functions/ and bin/ are where the program begins; nothing imports them.",
      from: { path: "^lib/" },
      to: { path: "^(functions|bin)/" },
    },
    {
      name: "not-to-test",
      severity: "error",
      comment: "What ships does not need the tests.",
      from: { path: "^(lib|functions|bin)/" },
      to: { path: "^test/" },
    },
    {
      name: "not-to-dev-dependency",
      severity: "error",
      comment: "Move it to dependencies.",
      from: { path: "^(lib|functions|bin)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "@types/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
