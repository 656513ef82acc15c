/** What an engineer would look for before signing off, in the templates that osls packages. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "../tools/temp.ts";
import { allowed, grants } from "./iam.ts";
import type { Packed, Properties } from "./pack.ts";
import { everything, packAll, type Variant, variants } from "./variants.ts";

const folder = tempFolder("stack");
let packed: Record<Variant, Packed>;
const of = (name: Variant): Packed => packed[name];

beforeAll(async () => {
  packed = await packAll(folder.path);
}, 180_000);
afterAll(folder.remove);

const intervals = { prod: 5, dev: 15, everything: 1 };
const queries = (alarm: Properties) => (alarm.Metrics ?? []) as { Expression: string; Period: number }[];
const prefix = (packed: Packed) => String(packed.properties("Memory").TableName);
const ids = (list: [string, Properties][]) => list.map(([id]) => id).sort();

describe.each(variants)("%s: what holds data", (name) => {
  it("is encrypted, takes TLS only, and the table stays when the stack goes", () => {
    const { all, properties, template } = of(name);
    const key = name === "everything" ? everything.keyArn : undefined;
    const closed = (type: string, topics: string) =>
      all(type).flatMap(([, policy]) => {
        const tls = expect.objectContaining({
          Effect: "Deny",
          Principal: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        });
        expect(policy.PolicyDocument).toMatchObject({ Statement: expect.arrayContaining([tls]) });
        return (policy[topics] as { Ref: string }[]).map(({ Ref }) => Ref);
      });
    expect(closed("AWS::SQS::QueuePolicy", "Queues").sort()).toEqual(ids(all("AWS::SQS::Queue")));
    expect(closed("AWS::SNS::TopicPolicy", "Topics").sort()).toEqual(ids(all("AWS::SNS::Topic")));
    for (const [, queue] of all("AWS::SQS::Queue"))
      expect([queue.KmsMasterKeyId, queue.SqsManagedSseEnabled]).toEqual([key, key === undefined]);
    expect(properties("Findings").KmsMasterKeyId).toBe(key ?? "alias/aws/sns");
    expect(properties("Ops").KmsMasterKeyId).toBe(key);
    for (const [, group] of all("AWS::Logs::LogGroup")) expect(group.KmsKeyId).toBe(key);
    expect(template.Resources.Memory).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(properties("Memory")).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: "KMS", ...(key === undefined ? {} : { KMSMasterKeyId: key }) },
      DeletionProtectionEnabled: name === "prod",
    });
  });
});

describe.each(variants)("%s: runs", (name) => {
  const minutes = intervals[name];

  it("are started by a schedule that gives up when the next one is due, and says so", () => {
    const { properties } = of(name);
    expect(properties("Start")).toMatchObject({
      ScheduleExpression: minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`,
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: { "Fn::GetAtt": ["ScheduleLambdaFunction", "Arn"] },
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: minutes * 60 },
        DeadLetterConfig: { Arn: { "Fn::GetAtt": ["ScheduleDeadLetters", "Arn"] } },
        Input: JSON.stringify({
          scheduledTime: "<aws.scheduler.scheduled-time>",
          executionId: "<aws.scheduler.execution-id>",
        }),
      },
    });
    expect(properties("StartRole").AssumeRolePolicyDocument).toMatchObject({
      Statement: [{ Condition: { StringEquals: { "aws:SourceArn": { "Fn::GetAtt": ["Schedules", "Arn"] } } } }],
    });
  });

  it("wait in a queue that hides them long enough, ends them in dead letters, and forgets old ones", () => {
    const { properties } = of(name);
    const poll = properties("PollLambdaFunction");
    const runs = properties("Runs") as { VisibilityTimeout: number; MessageRetentionPeriod: number };
    expect(runs).toMatchObject({ RedrivePolicy: { maxReceiveCount: 3 } });
    expect(runs.VisibilityTimeout).toBe(6 * Number(poll.Timeout));
    expect(runs.MessageRetentionPeriod).toBeGreaterThan(3 * runs.VisibilityTimeout);
    expect(properties("PollEventSourceMappingSQSRuns")).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(poll.ReservedConcurrentExecutions).toBe(name === "everything" ? undefined : 3);
  });

  it("raise an alarm when none ended well for three intervals, and when there is silence", () => {
    expect(of(name).properties("StaleAlarm")).toMatchObject({
      Namespace: "EgressScout",
      MetricName: "StalestRun",
      Dimensions: [{ Name: "service", Value: name === "prod" ? "egress-scout" : "egress-scout-dev" }],
      Statistic: "Maximum",
      Threshold: 3 * minutes * 60,
      Period: 3 * minutes * 60,
      EvaluationPeriods: 1,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "breaching",
    });
  });
});

describe("roles", () => {
  it("of a plain deployment allow this, and nothing else", () => {
    const log = (name: string) => [`logs:CreateLogStream on ${name}LogGroup`, `logs:PutLogEvents on ${name}LogGroup`];
    const memory = (...actions: string[]) => actions.map((one) => `dynamodb:${one} on Memory`);
    expect(ids(of("prod").all("AWS::IAM::Role"))).toEqual(["PollRole", "ScheduleRole", "StartRole"]);
    expect(allowed(of("prod"), "ScheduleRole")).toEqual([
      ...memory("GetItem", "Query"),
      ...log("Schedule"),
      "sqs:SendMessage on Runs",
      "sqs:SendMessage on ScheduleDeadLetters",
    ]);
    expect(allowed(of("prod"), "PollRole")).toEqual([
      ...memory("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
      ...log("Poll"),
      "sns:Publish on Findings",
      "sqs:DeleteMessage on Runs",
      "sqs:GetQueueAttributes on Runs",
      "sqs:ReceiveMessage on Runs",
      "sqs:SendMessage on RunDeadLetters",
    ]);
    expect(allowed(of("prod"), "StartRole")).toEqual([
      "lambda:InvokeFunction on ScheduleLambdaFunction",
      "sqs:SendMessage on ScheduleDeadLetters",
    ]);
  });

  it("get from each parameter what it names", () => {
    const arn = (name: string) => everything[name];
    const poll = allowed(of("everything"), "PollRole");
    for (const grant of [
      `aps:QueryMetrics on ${arn("prometheusArns")}`,
      `logs:FilterLogEvents on ${arn("logGroupArns")}:*`,
      `secretsmanager:GetSecretValue on ${arn("secretArns")}`,
      `sns:Publish on ${arn("topicArns")}`,
      "s3:GetObject on arn:Partition:s3:::my-configs/egress-scout.yaml",
      "s3:GetObject on arn:Partition:s3:::my-configs/ranges/*",
      "s3:ListBucket on arn:Partition:s3:::my-configs",
      "ssm:GetParameter on arn:Partition:ssm:Region:AccountId:parameter/slack-token",
    ])
      expect(poll).toContain(grant);
    expect(allowed(of("everything"), "HttpRole")).toContain(`aps:QueryMetrics on ${arn("prometheusArns")}`);
    for (const role of ["HttpRole", "SlackRole"]) {
      const secret = `secretsmanager:GetSecretValue on ${arn("secretArns")}`;
      expect(allowed(of("everything"), role)).toEqual(expect.arrayContaining(["sqs:SendMessage on Runs", secret]));
    }
    const schedule = allowed(of("everything"), "ScheduleRole").join();
    // It reads the config, and reveals nothing that is named there.
    for (const action of ["aps:", "FilterLogEvents", "sns:", "dynamodb:PutItem", "secretsmanager:", "ssm:"])
      expect(schedule).not.toContain(action);
  });

  it("use keys only through the services that hold what they encrypt", () => {
    const keyed = grants(of("everything")).filter(({ Action }) => Action.some((one) => one.startsWith("kms:")));
    expect(keyed.length).toBeGreaterThan(0);
    for (const { Condition } of keyed) expect(Condition?.StringEquals?.["kms:ViaService"]).toHaveLength(3);
    expect(grants(of("prod")).filter(({ Action }) => Action.some((one) => one.startsWith("kms:")))).toEqual([]);
  });

  it("let the function's own code make no network interface", () => {
    const denied = grants(of("everything")).filter(({ Effect }) => Effect === "Deny");
    expect(denied.map(({ role }) => role).sort()).toEqual(["HttpRole", "PollRole", "ScheduleRole", "SlackRole"]);
    for (const { Condition } of denied) expect(Condition?.ArnLike).toHaveProperty(["lambda:SourceFunctionArn"]);
  });
});

describe.each(variants)("%s: alarms", (name) => {
  const minutes = intervals[name];
  const alarms = () => of(name).all("AWS::CloudWatch::Alarm");
  const watching = (metric: string, dimension: Record<string, unknown>) =>
    alarms().filter(
      ([, { MetricName, Dimensions }]) =>
        MetricName === metric && JSON.stringify(Dimensions).includes(JSON.stringify(dimension)),
    );

  it("watch every function's errors, throttles and duration, and every queue of dead letters", () => {
    for (const [id, { Timeout }] of of(name).all("AWS::Lambda::Function")) {
      expect(watching("Errors", { Ref: id })).toHaveLength(1);
      expect(watching("Throttles", { Ref: id })).toHaveLength(1);
      const [[, slow] = ["", {}]] = watching("Duration", { Ref: id });
      expect(slow).toMatchObject({ Statistic: "Maximum", Threshold: Number(Timeout) * 800 });
    }
    const depth = "ApproximateNumberOfMessagesVisible";
    for (const queue of ["RunDeadLetters", "ScheduleDeadLetters"]) {
      const [[, alarm] = ["", {}]] = watching(depth, { "Fn::GetAtt": [queue, "QueueName"] });
      expect(alarm).toMatchObject({ Threshold: 0, ComparisonOperator: "GreaterThanThreshold" });
    }
    expect(watching("ApproximateAgeOfOldestMessage", { "Fn::GetAtt": ["Runs", "QueueName"] })).toHaveLength(1);
  });

  it("watch what the functions say of themselves, of this stage alone, and look back three hours at most", () => {
    const metrics = name === "prod" ? "egress-scout" : "egress-scout-dev";
    const { Environment } = of(name).properties("PollLambdaFunction");
    expect(Environment).toMatchObject({ Variables: { POWERTOOLS_SERVICE_NAME: metrics } });
    for (const one of ["StalestRun", "ClustersWithoutRun"])
      expect(watching(one, { Name: "service", Value: metrics })).toHaveLength(1);
    for (const one of ["DataAge", "FailedRuns", "ChannelFailures", "Undelivered"]) {
      const query = `SELECT MAX("${one}") FROM SCHEMA("EgressScout", "service", "cluster") WHERE "service" = '${metrics}'`;
      const found = alarms().flatMap(([, alarm]) =>
        queries(alarm).flatMap((asked) => (asked.Expression === query ? [alarm] : [])),
      );
      expect(found).toHaveLength(1);
      for (const alarm of found) {
        const [{ Period } = { Period: 0 }] = queries(alarm);
        // CloudWatch looks back no further for an alarm by a query; an interval is an hour at most.
        expect((60 / minutes) * Period * Number(alarm.EvaluationPeriods)).toBeLessThanOrEqual(3 * 3600);
      }
    }
  });

  it("go to the ops topic, which lets them in by their names, each one's own", () => {
    const names = alarms().map(([, { AlarmName }]) => String(AlarmName));
    expect(new Set(names).size).toBe(names.length);
    for (const one of names) expect(one).toMatch(new RegExp(`^${prefix(of(name))}-`));
    for (const [, alarm] of alarms()) {
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: "Ops" }], OKActions: [{ Ref: "Ops" }] });
    }
    expect(JSON.stringify(of(name).properties("OpsPolicy"))).toContain(`:alarm:${prefix(of(name))}-*`);
  });

  it("have their metrics on the dashboard, with every function", () => {
    const { DashboardBody } = of(name).properties("Dashboard") as { DashboardBody: { "Fn::Sub": string } };
    const body = DashboardBody["Fn::Sub"];
    const { widgets } = JSON.parse(body) as { widgets: { x: number; width: number }[] };
    expect(widgets.length).toBeGreaterThan(5);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
    const plain = body.replaceAll('\\"', '"');
    for (const [, alarm] of alarms()) {
      const metric = alarm.MetricName ?? /MAX\("(\w+)"\)/.exec(queries(alarm)[0]?.Expression ?? "")?.[1];
      expect(plain).toContain(`"${metric}"`);
    }
    for (const [, { FunctionName }] of of(name).all("AWS::Lambda::Function"))
      expect(body).toContain(`"${FunctionName}"`);
  });
});
