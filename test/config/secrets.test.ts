import { describe, expect, it } from "vitest";
import { referenceKey, resolveSecret, type SecretSource } from "../../lib/config/secrets.ts";
import { ScoutError } from "../../lib/errors.ts";

const denied = new ScoutError("secret/missing", "secretsManager: arn:gone: AWS denies it");
const source: SecretSource = {
  aws: new Map<string, string | ScoutError>([
    [referenceKey({ ssm: "/mesh/key" }), "hunter3"],
    [referenceKey({ secretsManager: "arn:gone" }), denied],
  ]),
  env: { TOKEN: "hunter2", EMPTY: "", UNSET: undefined },
  readFile(path) {
    const files: Record<string, string> = {
      plain: "hunter2",
      line: "hunter2\n",
      windows: "hunter2\r\n",
      two: "hunter2\n\n",
    };
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
    return text;
  },
};

describe("config/secrets", () => {
  it.each([
    [{ env: "TOKEN" }, "hunter2"],
    [{ file: "plain" }, "hunter2"],
    [{ file: "line" }, "hunter2"],
    [{ file: "windows" }, "hunter2"],
    [{ file: "two" }, "hunter2\n"],
  ])("%j is the secret, a file's last line feed cut off", (reference, secret) => {
    expect(resolveSecret(reference, source)).toBe(secret);
  });

  it.each([
    [{ env: "UNSET" }, "the environment variable UNSET is not set"],
    [{ env: "EMPTY" }, "the environment variable EMPTY is not set"],
    [{ env: "OTHER" }, "the environment variable OTHER is not set"],
    [{ file: "gone" }, "the file gone cannot be read"],
    [{ ssm: "/mesh/token" }, "ssm: /mesh/token: was not looked up"],
    [{ secretsManager: "arn:gone" }, "secretsManager: arn:gone: AWS denies it"],
  ])("%j is missing: the reference is named", (reference, message) => {
    expect(() => resolveSecret(reference, source)).toThrow(
      expect.objectContaining({ code: "secret/missing", message }),
    );
    expect(() => resolveSecret(reference, source)).toThrow(ScoutError);
  });

  it("takes what was looked up at AWS", () => {
    expect(resolveSecret({ ssm: "/mesh/key" }, source)).toBe("hunter3");
  });
});
