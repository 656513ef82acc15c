import { describe, expect, it } from "vitest";
import { cutSecrets, headerSecrets } from "../../lib/words/cut-secrets.ts";

describe("words/cut-secrets", () => {
  it("takes a request's credentials out of what quotes it, in each form", () => {
    const pair = Buffer.from("scout:hunter42").toString("base64");
    const headers = { authorization: `Basic ${pair}`, "X-Key": "abcdefgh", accept: "application/json" };
    const text = `Basic ${pair}, hunter42, scout:hunter42, ABCDEFGH, application/json`;
    const cut = cutSecrets(text, headerSecrets(headers));
    for (const secret of [pair, "hunter42", "ABCDEFGH"]) expect(cut).not.toContain(secret);
    expect(cut).toContain("application/json");
    expect(cutSecrets("a Bearer token is missing", headerSecrets({ authorization: "Bearer t0ken-42" }))).toBe(
      "a Bearer token is missing",
    );
  });
});
