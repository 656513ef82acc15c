import { build } from "esbuild";

const cases = {
  tldts: 'import * as t from "tldts"; globalThis.x=t.parse',
  yamlcjs: 'import * as Y from "yaml"; globalThis.x=[Y.parseDocument,Y.stringify,Y.visit,Y.parseAllDocuments]',
  yamlesm: 'import * as Y from "yaml"; globalThis.x=[Y.parseDocument,Y.stringify,Y.visit,Y.parseAllDocuments]',
  zod: 'import * as z from "zod"; globalThis.x=z.object({a:z.string()})',
  empty: "globalThis.x=1",
  builtins:
    'import "node:fs";import "node:path";import "node:crypto";import "node:zlib";import "node:util";import "node:os";import "node:dns";import "node:fs/promises";import "node:timers/promises";import "node:stream"',
  crypto: 'import "node:crypto"',
  dns: 'import "node:dns"',
  zlib: 'import "node:zlib"',
  ddb: 'import {DynamoDBClient,GetItemCommand,PutItemCommand,QueryCommand,UpdateItemCommand,BatchWriteItemCommand,TransactWriteItemsCommand} from "@aws-sdk/client-dynamodb"; globalThis.x=[new DynamoDBClient({region:"eu-west-1"}),GetItemCommand,PutItemCommand,QueryCommand,UpdateItemCommand]',
  sns: 'import {SNSClient,PublishCommand} from "@aws-sdk/client-sns"; globalThis.x=[new SNSClient({region:"eu-west-1"}),PublishCommand]',
};
for (const [k, c] of Object.entries(cases))
  await build({
    stdin: { contents: c, resolveDir: process.cwd() },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22.13",
    mainFields: ["module", "main"],
    outfile: `/tmp/rt/cases/${k}.mjs`,
    minify: true,
    alias: k === "yamlesm" ? { yaml: "./node_modules/yaml/browser/index.js" } : {},
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
