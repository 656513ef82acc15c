/** Text as a stranger may send it. */
import fc from "fast-check";

/** What breaks out of something: escapes, controls, brackets, the marks of YAML, Slack, Markdown, shells and PromQL. */
const specials = [
  ...[
    "\\010",
    "\\.",
    "\\000",
    "\\255",
    "\\",
    '"',
    "'",
    "`",
    "```",
    "\u0000",
    "\u0007",
    "\u001b[2J",
    "\u009b31m",
    "\u007f",
  ],
  ...[
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u2028",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\ud800",
    "\udc00",
    "é",
    "ａ",
    "\u0430",
    "\u{1f600}",
  ],
  ...[
    "<!channel>",
    "<!here>",
    "<@U024BE7LH>",
    "<#C1>",
    "<https://evil.example|api.stripe.com>",
    "<",
    ">",
    "&",
    "&lt;",
    "&amp;",
  ],
  ...[
    "---\n",
    "...\n",
    "- ",
    ": ",
    "#",
    "? ",
    "!!js/function",
    "&a",
    "*a",
    "<<",
    "%YAML 1.1",
    "{{ .V }}",
    "{",
    "}",
    "[",
    "]",
    "|",
  ],
  ...["$(x)", `\${jndi:x}`, "=HYPERLINK(", "../", '"} or up{job="', "*urgent*", "_x_", "~x~", "@", "_dmarc", "*."],
];
const pieces = [
  "a",
  "b",
  "0",
  "1e3",
  "no",
  "xn--a",
  "API",
  "-",
  ".",
  "..",
  "com",
  "example.com",
  "example.com.",
  "203.0.113.7",
];
const insides = [
  "svc.cluster.local",
  "localhost",
  "internal",
  "local",
  "in-addr.arpa",
  "github.io",
  "s3.amazonaws.com",
];

const piled = fc
  .array(fc.constantFrom(...specials, ...pieces, ...pieces, ...insides), { minLength: 1, maxLength: 8 })
  .map((all) => all.join(""));
/** Up to the lengths that DNS has, and past them: 255 characters, 128 labels. */
const long = fc
  .array(fc.integer({ min: 1, max: 65 }), { minLength: 1, maxLength: 130 })
  .map((lengths) => `${lengths.map((length) => "a".repeat(length)).join(".")}.example.com`);

/** A name as a stranger may have written it: nearly one, none at all, or a good one. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: piled },
  {
    weight: 3,
    arbitrary: fc
      .tuple(piled, fc.constantFrom(".example.com", ".evil.example", ".com", ":80", "."))
      .map((two) => two.join("")),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: fc.nat({ max: 140 }).map((count) => `${"a.".repeat(count)}com`) },
  { weight: 2, arbitrary: fc.domain() },
);
