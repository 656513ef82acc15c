/** The dashboard's body, as CloudWatch wants it: JSON in a string. `AWS::Region` is put in by CloudFormation. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholder
const region = "${AWS::Region}";
const width = 12;
const height = 6;

module.exports = async ({ resolveVariable }) => {
  const ask = (address) => resolveVariable(address);
  const [service, stage] = [await ask("self:service"), await ask("sls:stage")];
  const settings = await ask("self:custom.set");
  const name = `${service}-${stage}`;
  const { functions, staleSeconds: stale } = settings;
  const of = (metric, stat) =>
    functions.map((one) => ["AWS/Lambda", metric, "FunctionName", `${name}-${one}`, { stat }]);
  const queue = (metric, one) => ["AWS/SQS", metric, "QueueName", `${name}-${one}`, { stat: "Maximum" }];
  const ours = (metric) => [["EgressScout", metric, "service", settings.metrics, { stat: "Maximum" }]];
  const clusters = (...metrics) => metrics.map((metric) => byCluster(metric, settings));
  const widgets = [
    graph("Time since the last good run, of the cluster where it is longest (s)", ours("StalestRun"), stale),
    graph("Clusters without a run", ours("ClustersWithoutRun")),
    graph("Age of the newest sample in Prometheus (s)", clusters("DataAge"), stale),
    graph("Failed runs, failing channels, waiting letters", clusters("FailedRuns", "ChannelFailures", "Undelivered")),
    graph("Calls", of("Invocations", "Sum")),
    graph("Errors and throttles", [...of("Errors", "Sum"), ...of("Throttles", "Sum")]),
    graph("Duration (ms)", of("Duration", "Maximum"), settings.slow.poll),
    graph("Queue: oldest message (s)", [queue("ApproximateAgeOfOldestMessage", "runs")], settings.oldestMessage),
    graph(
      "Dead letters",
      ["runs-dead", "schedule-dead"].map((one) => queue("ApproximateNumberOfMessagesVisible", one)),
    ),
    log(
      "Last errors and warnings",
      functions.map((one) => `/aws/lambda/${name}-${one}`),
    ),
  ];
  return JSON.stringify({ widgets: widgets.map((widget, index) => place(widget, index)) });
};

/** One line for each cluster; none is named here. */
const byCluster = (metric, { metrics, intervalSeconds }) => {
  const from = `SCHEMA("EgressScout", "service", "cluster") WHERE "service" = '${metrics}'`;
  const expression = `SELECT MAX("${metric}") FROM ${from} GROUP BY "cluster"`;
  return [{ expression, id: metric.toLowerCase(), label: metric, period: intervalSeconds }];
};

const graph = (title, metrics, limit) => ({
  type: "metric",
  properties: {
    title,
    metrics,
    period: 300,
    region,
    view: "timeSeries",
    ...(limit === undefined ? {} : { annotations: { horizontal: [{ label: "alarm", value: limit }] } }),
  },
});

const log = (title, groups) => ({
  type: "log",
  properties: {
    title,
    region,
    view: "table",
    query: `${groups.map((one) => `SOURCE '${one}'`).join(" | ")} | fields @timestamp, level, message, @log | filter level in ["ERROR", "WARN"] | sort @timestamp desc | limit 50`,
  },
});

/** Two graphs in a row; the log has one for itself. */
const place = (widget, index) => {
  const isWide = widget.type === "log";
  const x = isWide ? 0 : (index % 2) * width;
  const row = isWide ? Math.ceil(index / 2) : Math.floor(index / 2);
  return { ...widget, x, y: row * height, width: isWide ? 2 * width : width, height };
};
