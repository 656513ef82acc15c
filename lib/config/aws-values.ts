/** ADAPTER: texts that AWS keeps under a name: parameters of Systems Manager and secrets. Each client is loaded with its first use. */

/** Of one try, ms; there are three, and the deadline is for all of them. */
const limits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};
const deadline = 12_000;

/** An ARN may be of another region than ours. */
function settings(name: string) {
  const region = /^arn:[\w-]+:(?:ssm|secretsmanager):([a-z0-9-]+):/.exec(name)?.[1];
  return { ...limits, ...(region === undefined ? {} : { region }) };
}

/** A parameter's text, decrypted where it is a SecureString. @param name or ARN. Throws what the SDK throws */
export async function parameter(name: string): Promise<string> {
  const { SSMClient, GetParameterCommand } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient(settings(name));
  try {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true });
    const { Parameter } = await client.send(command, { abortSignal: AbortSignal.timeout(deadline) });
    return Parameter?.Value ?? "";
  } finally {
    client.destroy();
  }
}

/** A secret's text; null where it holds bytes. @param id name or ARN. Throws what the SDK throws */
export async function secretText(id: string): Promise<string | null> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient(settings(id));
  try {
    const command = new GetSecretValueCommand({ SecretId: id });
    const { SecretString } = await client.send(command, { abortSignal: AbortSignal.timeout(deadline) });
    return SecretString ?? null;
  } finally {
    client.destroy();
  }
}
