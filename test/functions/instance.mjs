/** What a Lambda instance does, for lambda.ts: loads a handler, then calls it for each message. */
import process from "node:process";

const { handler } = await import(process.argv[2]);
const clock = Date.now;

process.on("message", async ({ id, event, time = 300_000, later = 0, env = {} }) => {
  Object.assign(process.env, env);
  if (later > 0) Date.now = () => clock() + later;
  const end = clock() + time;
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:poll",
    memoryLimitInMB: "512",
    getRemainingTimeInMillis: () => end - clock(),
  };
  let answer;
  try {
    answer = { result: (await handler(event, context)) ?? null, failed: null };
  } catch (thrown) {
    answer = {
      failed: { message: thrown.message, printed: (await import("node:util")).inspect(thrown, { depth: 9 }) },
    };
  }
  process.stdout.write(`\nend ${id}\n`);
  process.send(answer);
});
