// The part of Lambda's Node.js runtime that a function meets: loads `_HANDLER`, asks the Runtime API for one invocation after another,
// answers it. (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) Plain JavaScript, for any Node.
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const {
  AWS_LAMBDA_RUNTIME_API: api = "",
  LAMBDA_TASK_ROOT: root = "",
  _HANDLER: handlerName = "",
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB,
} = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** The invocation at work; null while the function is loaded. */
let current = null;

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const asked = request(`http://${api}/2018-06-01/runtime/${path}`, { method, agent }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(pieces).toString() }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const errorOf = (thrown) =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: String(thrown.stack).split("\n") }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };

async function fail(thrown, code) {
  const path = current === null ? "init/error" : `invocation/${current}/error`;
  await call("POST", path, JSON.stringify(errorOf(thrown)));
  process.exit(code);
}
process.on("uncaughtException", (thrown) => void fail(thrown, 129));
process.on("unhandledRejection", (thrown) => void fail(thrown, 128));

async function load() {
  const dot = handlerName.lastIndexOf(".");
  const file = [".js", ".mjs", ".cjs"].map((end) => join(root, handlerName.slice(0, dot) + end)).find(existsSync);
  if (file === undefined) throw new Error(`Cannot find module '${handlerName.slice(0, dot)}'`);
  const module = await import(pathToFileURL(file).href);
  const handler = module[handlerName.slice(dot + 1)];
  if (typeof handler !== "function") throw new Error(`${handlerName} is undefined or not exported`);
  return handler;
}

const handler = await load().catch((thrown) => fail(thrown, 1));
for (;;) {
  const { headers, body } = await call("GET", "invocation/next");
  current = headers["lambda-runtime-aws-request-id"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  const context = {
    awsRequestId: current,
    functionName,
    functionVersion: "$LATEST",
    memoryLimitInMB,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "stream",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(body), context);
    await call("POST", `invocation/${current}/response`, JSON.stringify(result ?? null));
  } catch (thrown) {
    await call("POST", `invocation/${current}/error`, JSON.stringify(errorOf(thrown)));
  }
}
