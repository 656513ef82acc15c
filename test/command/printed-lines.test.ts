/** What the command says on stderr: nothing in it is obeyed by a terminal, whoever wrote it. */
import { expect, it } from "vitest";
import { errorText } from "../../bin/failure.ts";
import { logLine } from "../../bin/stderr-log.ts";
import { ConfigError, ScoutError } from "../../lib/errors.ts";

it("an error is a line, and each mistake of a config one", () => {
  const error = new ScoutError("usage", "no \u001b[2Jcluster\n\u202e", { mend: "say\u0007 another" });
  expect(errorText(error)).toBe("egress-scout: usage: no \\u001b[2Jcluster \\u202e; say\\u0007 another");
  const mistakes = errorText(new ConfigError("a\u009b.yaml", ["b\u001b[2J: no such key", "c"]));
  expect(mistakes.split("\n")).toEqual([
    expect.stringContaining("a\\u009b.yaml: 2 mistakes"),
    "  b\\u001b[2J: no such key",
    "  c",
  ]);
});

it("a line of the log is one line, whatever its facts are", () => {
  const principal = "spiffe://a/ns/b/sa/\u001b]0;c\u0007\n\u2028error: all is well";
  expect(logLine("debug", "new in access logs", { principal, connections: 3 })).toBe(
    "debug: new in access logs principal=spiffe://a/ns/b/sa/\\u001b]0;c\\u0007\\u000a\\u2028error: all is well connections=3",
  );
});
