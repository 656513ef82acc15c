/** The deployments that the tests package. */
import { join } from "node:path";
import { type Packed, pack } from "./pack.ts";

const account = "111122223333";
const key = "1234abcd-12ab-34cd-56ef-1234567890ab";

/** Every optional part, and the config from S3. */
export const everything: Record<string, string> = {
  http: "true",
  slack: "true",
  tracing: "true",
  sourceMaps: "false",
  interval: "1",
  pollReserved: "none",
  config: "s3://my-configs/egress-scout.yaml",
  files: "ranges/,CODEOWNERS",
  keyArn: `arn:aws:kms:eu-west-1:${account}:key/${key}`,
  secretKeyArns: `arn:aws:kms:eu-west-1:${account}:key/${key}`,
  parameters: "/egress-scout/prometheus-password,slack-token",
  secretArns: `arn:aws:secretsmanager:eu-west-1:${account}:secret:slack-AbCdEf`,
  prometheusArns: `arn:aws:aps:eu-west-1:${account}:workspace/ws-12345678-abcd-1234-abcd-123456789012`,
  logGroupArns: `arn:aws:logs:eu-west-1:${account}:log-group:/eks/egress-gateway`,
  topicArns: `arn:aws:sns:eu-west-1:${account}:security`,
  subnetIds: "subnet-0123456789abcdef0,subnet-0fedcba9876543210",
  securityGroupIds: "sg-0123456789abcdef0",
  opsEmail: "ops@example.com",
};

export const variants = ["prod", "dev", "everything"] as const;
export type Variant = (typeof variants)[number];

/** Packages each of them into its own folder of `folder`. */
export async function packAll(folder: string): Promise<Record<Variant, Packed>> {
  const [prod, dev, all] = await Promise.all([
    pack(join(folder, "prod"), "prod"),
    pack(join(folder, "dev"), "dev"),
    pack(join(folder, "everything"), "dev", everything),
  ]);
  return { prod, dev, everything: all };
}
