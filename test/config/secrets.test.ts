import { describe, expect, it } from "vitest";
import { resolveSecret, type SecretSource } from "../../lib/config/secrets.ts";
import { ScoutError } from "../../lib/errors.ts";

const source: SecretSource = {
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
    [{ ssm: "/mesh/token" }, "ssm: /mesh/token: secrets of AWS are not read by this version"],
    [{ secretsManager: "arn:x" }, "secretsManager: arn:x: secrets of AWS are not read by this version"],
  ])("%j is missing: the reference is named", (reference, message) => {
    expect(() => resolveSecret(reference, source)).toThrow(
      expect.objectContaining({ code: "secret/missing", message }),
    );
    expect(() => resolveSecret(reference, source)).toThrow(ScoutError);
  });

  it("says what to use instead of a place that is not read yet", () => {
    expect(() => resolveSecret({ ssm: "x" }, source)).toThrow(
      expect.objectContaining({ mend: "use { env: NAME } or { file: PATH }" }),
    );
  });
});
