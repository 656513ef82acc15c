/** What the checkers say and we do otherwise, each with its reason. One that matches nothing any more fails the test. */
export interface Suppression {
  rule: string;
  resource: string;
  reason: string;
}

export const suppressed: Suppression[] = [
  {
    rule: "AwsSolutions-S1",
    resource: "ServerlessDeploymentBucket",
    reason:
      "osls' bucket for the zips of deployments: private, encrypted, TLS only, written by whoever deploys. Access logs would need a second bucket to be kept.",
  },
  {
    rule: "AwsSolutions-SQS3",
    resource: "ScheduleDeadLetters",
    reason:
      "It is a dead-letter queue: of EventBridge Scheduler and of Lambda's asynchronous calls, which the rule does not look for.",
  },
  {
    rule: "AwsSolutions-IAM5[Resource::*]",
    resource: "NetworkAccess",
    reason:
      "Lambda makes network interfaces with the function's role, and AWS asks for these actions on all resources. The function's own code is denied them.",
  },
  {
    rule: "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::my-configs/ranges/*]",
    resource: "ConfigFilesAccess",
    reason: "A folder that the parameter `files` names: what is in it, and nothing else of the bucket.",
  },
  {
    rule: "AwsSolutions-IAM5[Resource::*]",
    resource: "TraceAccess",
    reason: "X-Ray's two write actions take no resource.",
  },
  {
    rule: "AwsSolutions-IAM5[Resource::arn:aws:logs:eu-west-1:111122223333:log-group:/eks/egress-gateway:*]",
    resource: "AccessLogAccess",
    reason: "The streams of one named log group; FilterLogEvents is granted on them.",
  },
];
