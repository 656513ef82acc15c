/** What a simple poller does: `node test/bench/scan/poller.ts URL TIME SELECTOR` fetches every series and makes pairs of them itself. */
const [url = "", time = "", query = ""] = process.argv.slice(2);
const headers = { "accept-encoding": "identity" };
const answer = await fetch(`${url}/api/v1/query`, {
  method: "POST",
  headers,
  body: new URLSearchParams({ query, time }),
});
const text = await answer.text();
const { data }: { data: { result: { metric: Record<string, string>; value: [number, string] }[] } } = JSON.parse(text);
const pairs = new Map<string, number>();
for (const { metric, value } of data.result) {
  const { source_workload_namespace, source_workload, destination_service } = metric;
  const pair = JSON.stringify([source_workload_namespace, source_workload, destination_service]);
  pairs.set(pair, (pairs.get(pair) ?? 0) + Number(value[1]));
}
console.log(`${Buffer.byteLength(text)} bytes, ${pairs.size} pairs`);
