/**
 * Checks the parameters of serverless.yml and works out what follows from them: CloudFormation has no arithmetic and no checks
 * across parameters. osls calls this for `${file(infra/settings.cjs)}`.
 */
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const switches = ["deletionProtection", "http", "slack", "sourceMaps", "tracing"];
const wholeNumbers = {
  // At most an hour: an alarm over all clusters looks back three hours.
  interval: [1, 60],
  pollMemory: [128, 10240],
  pollTimeout: [30, 900],
  pollParallel: [2, 1000],
  scheduleMemory: [128, 10240],
  scheduleTimeout: [5, 60],
  httpMemory: [128, 10240],
  httpTimeout: [5, 900],
  slackMemory: [128, 10240],
  slackTimeout: [3, 900],
};
const reserved = ["pollReserved", "scheduleReserved", "httpReserved", "slackReserved"];
const arn = (service, resource) => new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:[0-9]*:${resource}$`);
const lists = {
  parameters: /^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter\/|\/)?[\w.-]+(\/[\w.-]+)*$/,
  secretArns: arn("secretsmanager", "secret:[^*?]+"),
  secretKeyArns: arn("kms", "key/[0-9A-Za-z-]+"),
  topicArns: arn("sns", "[\\w-]+(\\.fifo)?"),
  prometheusArns: arn("aps", "workspace/ws-[0-9a-z-]+"),
  logGroupArns: arn("logs", "log-group:[^*?:]+"),
  subnetIds: /^subnet-[0-9a-f]+$/,
  securityGroupIds: /^sg-[0-9a-f]+$/,
  files: /^[^!\s]+$/,
};
const texts = {
  keyArn: lists.secretKeyArns,
  opsEmail: /^[^@\s]+@[^@\s]+$/,
  tableName: /^[\w.-]{3,255}$/,
  config: /^(s3:\/\/[a-z0-9.-]+\/[^*?]+|ssm:.+|[^:*]+)$/,
};
const names = [...switches, ...Object.keys(wholeNumbers), ...reserved, ...Object.keys(lists), ...Object.keys(texts)];
const free = ["logRetention", "logLevel"];

module.exports = async ({ resolveVariable, options = {} }) => {
  const given = {};
  for (const name of names) given[name] = String((await resolveVariable(`param:${name}`)) ?? "");
  const settings = read(given, options);
  const [service, stage] = [await resolveVariable("self:service"), await resolveVariable("sls:stage")];
  // Stages that share an account keep their metrics apart.
  const metrics = stage === "prod" ? service : `${service}-${stage}`;
  const small = await resolveVariable("file(infra/runtime.yml):NODE_OPTIONS");
  return { ...settings, ...derive(settings), metrics, nodeOptions: nodeOptions(settings, small) };
};

/** The parameters with their types; throws all mistakes at once. */
function read(given, options) {
  const wrong = [];
  const settings = {};
  const check = (name, ok, allowed) => ok || wrong.push(`${name} is "${given[name]}", allowed: ${allowed}`);
  for (const one of [options.param ?? []].flat()) {
    const name = String(one).split("=")[0];
    if (![...names, ...free].includes(name)) wrong.push(`${name} is no parameter`);
  }
  for (const name of switches) {
    check(name, ["true", "false"].includes(given[name]), "true, false");
    settings[name] = given[name] === "true";
  }
  for (const [name, [least, most]] of Object.entries(wholeNumbers)) {
    settings[name] = Number(given[name]);
    check(name, isWhole(settings[name], least, most), `${least} to ${most}`);
  }
  for (const name of reserved) {
    settings[name] = given[name] === "none" ? null : Number(given[name]);
    check(name, settings[name] === null || isWhole(settings[name], 1, 1000), "1 to 1000, none");
  }
  for (const [name, pattern] of Object.entries(lists)) {
    settings[name] = given[name].split(",").flatMap((one) => one.trim() || []);
    for (const one of settings[name]) check(name, pattern.test(one), `a list, by commas, of ${pattern}`);
  }
  for (const [name, pattern] of Object.entries(texts)) {
    settings[name] = given[name] || null;
    check(name, given[name] === "" || pattern.test(given[name]), String(pattern));
  }
  check("tableName", settings.tableName !== null, "3 to 255 characters");
  check("config", settings.config !== null, "a file, s3://BUCKET/KEY or ssm:NAME");
  check(
    "pollParallel",
    settings.pollReserved === null || settings.pollParallel <= settings.pollReserved,
    "up to pollReserved",
  );
  check("files", !settings.config?.startsWith("s3://") || !/[*?]/.test(given.files), "keys, where the config is in S3");
  check(
    "subnetIds",
    settings.subnetIds.length > 0 === settings.securityGroupIds.length > 0,
    "with securityGroupIds only",
  );
  // osls would package nothing for a pattern that nothing matches, and say nothing.
  for (const name of functionNames(settings)) {
    if (!existsSync(join(__dirname, "../dist/functions", name, "index.mjs")))
      wrong.push(`${name} is not built: npm run build`);
  }
  // osls prints the stack where there is one; these are not errors of this file.
  if (wrong.length > 0) throw Object.assign(new Error(`parameters: ${wrong.join("; ")}`), { stack: "" });
  return settings;
}

const functionNames = (settings) => ["schedule", "poll", ...["http", "slack"].filter((name) => settings[name])];

const isWhole = (number, least, most) => Number.isInteger(number) && number >= least && number <= most;

function derive(settings) {
  const { config, files, interval, pollTimeout, keyArn, opsEmail, parameters, secretArns, secretKeyArns } = settings;
  const { prometheusArns, logGroupArns, topicArns, subnetIds, securityGroupIds } = settings;
  const seconds = interval * 60;
  // Six times the time limit, as AWS advises: a message that Lambda took and could not start yet must not be seen again.
  const visibility = 6 * pollTimeout;
  const tries = 3;
  const functions = functionNames(settings);
  const inVpc = subnetIds.length > 0;
  return {
    functions,
    rate: interval === 1 ? "rate(1 minute)" : `rate(${interval} minutes)`,
    intervalSeconds: seconds,
    staleSeconds: 3 * seconds,
    visibility,
    tries,
    // Long enough for the last try to end in the dead letters; older messages ask for nothing that a newer run does not cover.
    retention: (tries + 1) * visibility,
    // Two tries in vain, or nobody takes messages: one failed run waits for `visibility` and is then done.
    oldestMessage: visibility + 3 * seconds,
    packaged: Object.fromEntries(functions.map((name) => [name, packaged(settings, name)])),
    ...inBucket(settings),
    parameterArns: parameters.map(parameterArn),
    configParameter: config.startsWith("ssm:") ? parameterArn(config.slice("ssm:".length)) : null,
    logStreams: settings.logGroupArns.map((one) => `${one}:*`),
    topicKey: keyArn ?? "alias/aws/sns",
    ownQueueKey: keyArn === null,
    tableKey: keyArn === null ? null : "KMS",
    roles: functions.map(role),
    // What the config refers to; schedule reads the config alone.
    secretRoles: functions.filter((name) => name !== "schedule").map(role),
    // Who asks Prometheus: for runs, and for a plan on demand.
    askingRoles: functions.filter((name) => name === "poll" || name === "http").map(role),
    keyRoles: [...functions, "start"].map(role),
    vpc: inVpc ? { subnetIds, securityGroupIds } : null,
    network: inVpc ? ["NetworkAccess"] : [],
    use: chosen({
      http: settings.http,
      slack: settings.slack,
      key: keyArn !== null,
      parameters: parameters.length > 0,
      configParameter: config.startsWith("ssm:"),
      secrets: secretArns.length > 0,
      secretKeys: secretKeyArns.length > 0,
      config: config.startsWith("s3://"),
      configFiles: config.startsWith("s3://") && files.length > 0,
      prometheus: prometheusArns.length > 0,
      logGroups: logGroupArns.length > 0,
      topics: topicArns.length > 0,
      network: inVpc,
      tracing: settings.tracing,
      email: opsEmail !== null,
    }),
    // 80 % of the time limit, in ms, as the Duration metric has it.
    slow: Object.fromEntries(functions.map((name) => [name, settings[`${name}Timeout`] * 800])),
  };
}

/** A config in S3 and the files that it names. */
function inBucket({ config, files }) {
  const [, name, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(config) ?? [];
  const fileKeys = files.map((one) => one.replace(/\/$/, ""));
  if (name === undefined) return { bucket: null, fileKeys, fileObjects: [], s3Objects: [] };
  const bucket = `arn:\${AWS::Partition}:s3:::${name}`;
  const objects = files.map((one) => sub(`${bucket}/${one.endsWith("/") ? `${one}*` : one}`));
  return { bucket: sub(bucket), fileKeys, fileObjects: objects, s3Objects: [sub(`${bucket}/${key}`)] };
}

/** Of each function: three quarters of its memory for the heap. The rest is Node's own, buffers and the C library's. */
const nodeOptions = (settings, small) =>
  Object.fromEntries(
    functionNames(settings).map((name) => {
      const heap = `--max-old-space-size=${Math.floor(settings[`${name}Memory`] * 0.75)}`;
      return [name, [small, heap, ...(settings.sourceMaps ? ["--enable-source-maps"] : [])].join(" ")];
    }),
  );

/** The name of each part that is wanted, and `none` for the others: no file of infra/ and no key of options.yml has that name. */
const chosen = (wanted) => Object.fromEntries(Object.entries(wanted).map(([name, yes]) => [name, yes ? name : "none"]));

/** A function's own bundle, the config where it is a file, and the files that it names. */
const packaged = ({ config, files, sourceMaps }, name) => [
  `dist/functions/${name}/*.mjs`,
  ...(sourceMaps ? [`dist/functions/${name}/*.mjs.map`] : []),
  ...(/^(s3|ssm):/.test(config) ? [] : [config, ...files]),
];

const role = (name) => ({ Ref: `${name[0].toUpperCase()}${name.slice(1)}Role` });

const sub = (text) => ({ "Fn::Sub": text });

/** A parameter's ARN from its name, or the ARN as it was given. */
function parameterArn(name) {
  if (name.startsWith("arn:")) return name;
  return sub(`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/${name.replace(/^\//, "")}`);
}
