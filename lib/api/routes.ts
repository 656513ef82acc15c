/** Every route, with what it takes and answers: the app and `/openapi.json` are made of this. */
import * as z from "zod";
import { planSchema } from "../report/plan-schema.ts";
import { findingsQuery, findingsShape, getFindings } from "./findings.ts";
import { getMetrics } from "./metrics.ts";
import { getPage } from "./page.ts";
import { entriesQuery, getPlan, getServiceEntries, listShape, planQuery } from "./plan.ts";
import { forClients, type Route } from "./route.ts";
import { getRun, postScan, runShape, scanBody, startedShape } from "./scan.ts";
import { getSightings, sightingsQuery, sightingsShape } from "./sightings.ts";
import { slackActions } from "./slack/actions.ts";
import { slackCommands } from "./slack/commands.ts";
import { replyShape } from "./slack/reply.ts";
import { answerShape, bodyShape, postVerdict } from "./verdicts.ts";

const nothing = z.object({});
const form = { type: "application/x-www-form-urlencoded", schema: z.record(z.string(), z.string()) };
const json = (schema: z.ZodType) => ({ "application/json": schema });
const unchanged = { 304: { what: "As the ETag in If-None-Match says." } };
const prometheusAway = {
  502: { what: "Prometheus did not answer, or not as asked." },
  504: { what: "Prometheus took too long." },
};

export const routes: readonly Route[] = [
  {
    method: "get",
    path: "/healthz",
    who: "anybody",
    summary: "Is the process there?",
    query: null,
    answers: { 200: { what: "It answers.", content: json(z.object({ status: z.literal("ok") })) } },
    answer: (c) => c.json({ status: "ok" }),
  },
  forClients({
    method: "get",
    path: "/",
    summary: "The page: what is remembered, to look at",
    query: nothing,
    answers: { 200: { what: "One file.", content: { "text/html": null } } },
    answer: getPage,
  }),
  forClients({
    method: "get",
    path: "/metrics",
    summary: "What is remembered, as Prometheus metrics",
    query: nothing,
    answers: { 200: { what: "Prometheus' text format.", content: { "text/plain": null } }, ...unchanged },
    answer: getMetrics,
  }),
  forClients({
    method: "get",
    path: "/api/v1/sightings",
    summary: "Who calls what, as it is remembered",
    query: sightingsQuery,
    answers: { 200: { what: "A page of sightings, by place.", content: json(sightingsShape) }, ...unchanged },
    answer: getSightings,
  }),
  forClients({
    method: "get",
    path: "/api/v1/findings",
    summary: "Findings that are open or were told, newest first",
    query: findingsQuery,
    answers: { 200: { what: "A page of findings.", content: json(findingsShape) }, ...unchanged },
    answer: getFindings,
  }),
  forClients({
    method: "get",
    path: "/api/v1/plan",
    summary: "What REGISTRY_ONLY would break, and the manifests that close the gap",
    query: planQuery,
    answers: {
      200: { what: "The plan, of now or of a minute ago.", content: json(planSchema) },
      ...unchanged,
      ...prometheusAway,
      503: { what: "Another plan of the cluster is being made." },
    },
    answer: getPlan,
  }),
  forClients({
    method: "get",
    path: "/api/v1/service-entries",
    summary: "The plan's manifests, for kubectl apply -f -",
    query: entriesQuery,
    answers: {
      200: {
        what: "YAML unless JSON is asked for.",
        content: { "application/yaml": null, "application/json": listShape },
      },
      ...unchanged,
      ...prometheusAway,
      503: { what: "Another plan of the cluster is being made." },
    },
    answer: getServiceEntries,
  }),
  forClients({
    method: "post",
    path: "/api/v1/scan",
    summary: "Begin a run of a cluster",
    query: nothing,
    body: { type: "application/json", schema: scanBody },
    answers: {
      202: {
        what: "It has begun, or waits.",
        content: json(startedShape),
        headers: { Location: "Where it is told of." },
      },
      409: { what: "A run of the cluster goes on." },
      413: { what: "The body is too large." },
      415: { what: "The body is not JSON by its type." },
    },
    answer: postScan,
  }),
  forClients({
    method: "get",
    path: "/api/v1/runs/:id",
    summary: "What became of a run that was asked for, for a week",
    query: nothing,
    answers: { 200: { what: "The run.", content: json(runShape) }, ...unchanged, 404: { what: "None is known." } },
    answer: getRun,
  }),
  forClients({
    method: "post",
    path: "/api/v1/verdicts",
    summary: "Keep a person's verdict on a finding",
    query: nothing,
    body: { type: "application/json", schema: bodyShape },
    answers: {
      200: { what: "The verdict, as it is kept.", content: json(answerShape) },
      404: { what: "No finding with that id is known." },
      413: { what: "The body is too large." },
      415: { what: "The body is not JSON by its type." },
    },
    answer: postVerdict,
  }),
  {
    method: "post",
    path: "/slack/actions",
    who: "slack",
    summary: "A button of a message was pressed",
    query: null,
    body: form,
    answers: {
      200: {
        what: "What it said is done or promised: a reply where Slack gave no other way.",
        content: json(replyShape),
      },
      401: { what: "It is not signed by Slack." },
    },
    answer: slackActions,
  },
  {
    method: "post",
    path: "/slack/commands",
    who: "slack",
    summary: "The command /egress",
    query: null,
    body: form,
    answers: {
      200: { what: "What the one who asked reads.", content: json(replyShape) },
      401: { what: "It is not signed by Slack." },
    },
    answer: slackCommands,
  },
];
