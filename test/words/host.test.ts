import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registrableDomain, wildcardDomain, wildcardFault } from "../../lib/words/domain.ts";
import { insideReason, isInternationalized, parseHost } from "../../lib/words/host.ts";
import { isAboveShared, sharedSuffix } from "../../lib/words/shared-tenants.ts";

/** What a workload may write as Host: pieces of names, addresses and ports, and anything else. */
const piece = fc.constantFrom(
  "a",
  "-",
  ".",
  ":",
  "[",
  "]",
  "1",
  "80",
  "0x1f",
  "xn--",
  "EXAMPLE",
  "com",
  "::",
  " ",
  "_",
);
const wild = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary" }),
  fc.domain(),
);
/** RFC 1123: letters, digits and hyphens; labels of 1 to 63, no hyphen at their ends; 253 in all. */
const ldh = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const host = (name: string, port: number | null = null) => ({ kind: "host", host: name, port });
const address = (text: string, port: number | null = null) => ({ kind: "address", address: text, port });
const long = (...lengths: number[]) => lengths.map((length) => "a".repeat(length)).join(".");

describe("host", () => {
  describe("parseHost", () => {
    it.each([
      ["api.stripe.com", host("api.stripe.com")],
      ["API.Stripe.COM.", host("api.stripe.com")],
      ["api.stripe.com:8443", host("api.stripe.com", 8443)],
      ["api.stripe.com.:65535", host("api.stripe.com", 65535)],
      ["xn--80ak6aa92e.com", host("xn--80ak6aa92e.com")],
      ["1e100.net", host("1e100.net")],
      ["localhost:3000", host("localhost", 3000)],
      [long(63, 63, 63, 61), host(long(63, 63, 63, 61))],
      ["203.0.113.7", address("203.0.113.7")],
      ["203.0.113.7:80", address("203.0.113.7", 80)],
      ["2001:DB8::1", address("2001:db8::1")],
      ["[2001:db8::1]:443", address("2001:db8::1", 443)],
      ["[::ffff:203.0.113.7]", address("203.0.113.7")],
    ])("reads %s", (text, expected) => {
      expect(parseHost(text)).toEqual(expected);
    });

    it.each([
      ["", "empty"],
      [".", "an empty label"],
      ["a..example.com", "an empty label"],
      ["example.com..", "an empty label"],
      ["internal", "a single label"],
      ["-a.example.com", "hyphen"],
      ["a-.example.com", "hyphen"],
      ["_dmarc.example.com", "no host name has"],
      ["*.example.com", "no host name has"],
      ["user@example.com", "no host name has"],
      ["\uff41pi.stripe.com", "no host name has"],
      ["[203.0.113.7]", "no host name has"],
      ["2001:db8::1%eth0", "no port"],
      ["example.com:", "no port"],
      ["example.com:0", "no port"],
      ["example.com:65536", "no port"],
      [long(64, 3), "longer than 63"],
      [long(63, 63, 63, 62), "longer than 253"],
      ["203.0.113.7.", "a number"],
      ["0313.0.0161.07", "a number"],
      ["127.0.0.0x1", "a number"],
      ["0x7f000001", "a number"],
      ["2130706433", "a number"],
    ])("calls %j junk, and says why", (text, why) => {
      expect(parseHost(text)).toEqual({ kind: "junk", why: expect.stringContaining(why) });
    });

    it("never throws, and what it accepts is a canonical name or address that it reads as itself", () => {
      fc.assert(
        fc.property(wild, (text) => {
          const parsed = parseHost(text);
          if (parsed.kind === "junk") return;
          const canonical = parsed.kind === "host" ? parsed.host : parsed.address;
          expect(parseHost(canonical)).toEqual({ ...parsed, port: null });
          if (parsed.kind === "host") expect(canonical).toMatch(ldh);
          const written = canonical.includes(":") ? `[${canonical}]` : canonical;
          if (parsed.port !== null) expect(parseHost(`${written}:${parsed.port}`)).toEqual(parsed);
        }),
        { numRuns: 5000 },
      );
    });

    it("takes every domain name, in any case, with and without its last dot", () => {
      fc.assert(
        fc.property(fc.domain(), fc.integer({ min: 1, max: 65535 }), (name, port) => {
          const lower = name.toLowerCase();
          expect(parseHost(name)).toEqual(host(lower));
          expect(parseHost(`${name.toUpperCase()}.:${port}`)).toEqual(host(lower, port));
        }),
      );
    });
  });

  describe("insideReason", () => {
    it.each([
      ["cart.shop.svc.cluster.local", "a Kubernetes service name"],
      ["cart.shop.svc", "a Kubernetes service name"],
      ["cart.shop.svc.corp.example", "a Kubernetes service name"],
      ["pod-0.cart.shop.svc.cluster.local", "a Kubernetes service name"],
      ["localhost", ".localhost is not"],
      ["metadata.google.internal", ".internal is not"],
      ["printer.local", ".local is not"],
      ["router.home.arpa", ".home.arpa is not"],
      ["a.invalid", ".invalid is not"],
      ["7.113.0.203.in-addr.arpa", "a reverse zone"],
      ["8.b.d.0.1.0.0.2.ip6.arpa", "a reverse zone"],
    ])("keeps %s inside", (name, why) => {
      expect(insideReason(name)).toContain(why);
    });

    it.each(["api.stripe.com", "svc.example.com", "notlocal.example", "mylan.com", "local.example.com"])(
      "lets %s be outside",
      (name) => {
        expect(insideReason(name)).toBeNull();
      },
    );
  });

  it("flags names with a punycode label, wherever it stands", () => {
    const flagged = ["xn--80ak6aa92e.com", "shop.xn--p1ai", "axn--a.com", "example.com"].filter(isInternationalized);
    expect(flagged).toEqual(["xn--80ak6aa92e.com", "shop.xn--p1ai"]);
  });

  it.each([
    ["api.eu.stripe.com", "stripe.com"],
    ["www.example.co.uk", "example.co.uk"],
    ["bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"],
    ["me.github.io", "me.github.io"],
    ["github.io", null],
    ["co.uk", null],
    ["db.corp.nosuchtld", null],
  ])("finds the registrable domain of %s: %s", (name, domain) => {
    expect(registrableDomain(name)).toBe(domain);
  });

  describe("sharedSuffix", () => {
    it.each([
      ["acme.zendesk.com", "zendesk.com"],
      ["zendesk.com", "zendesk.com"],
      ["acme.my.salesforce.com", "my.salesforce.com"],
      ["acme.lightning.force.com", "force.com"],
      ["db.database.windows.net", "database.windows.net"],
      ["x.blob.core.windows.net", "blob.core.windows.net"],
      ["x.table.core.windows.net", "table.core.windows.net"],
      ["x.queue.core.windows.net", "queue.core.windows.net"],
      ["x.file.core.windows.net", "file.core.windows.net"],
      ["x.documents.azure.com", "documents.azure.com"],
      ["x.vault.azure.net", "vault.azure.net"],
      ["x.servicebus.windows.net", "servicebus.windows.net"],
      ["x.azurewebsites.net", "azurewebsites.net"],
      ["lh3.googleusercontent.com", "googleusercontent.com"],
      ["x.firebaseio.com", "firebaseio.com"],
      ["cluster0.abcde.mongodb.net", "mongodb.net"],
      ["acme.eu-central-1.snowflakecomputing.com", "snowflakecomputing.com"],
      ["acme.okta.com", "okta.com"],
      ["acme.eu.auth0.com", "auth0.com"],
      ["acme.service-now.com", "service-now.com"],
      ["acme.slack.com", "slack.com"],
      ["acme.atlassian.net", "atlassian.net"],
      ["acme.myshopify.com", "myshopify.com"],
      ["acme.sharepoint.com", "sharepoint.com"],
      ["acme.onmicrosoft.com", "onmicrosoft.com"],
      ["acme.herokuapp.com", "herokuapp.com"],
      ["d111111abcdef8.cloudfront.net", "cloudfront.net"],
      ["bucket.s3.eu-west-1.amazonaws.com", "amazonaws.com"],
      ["x.cn-north-1.elb.amazonaws.com.cn", "amazonaws.com.cn"],
      ["a1.awsglobalaccelerator.com", "awsglobalaccelerator.com"],
      ["x.azureedge.net", "azureedge.net"],
      ["x.trafficmanager.net", "trafficmanager.net"],
      ["x.akamaized.net", "akamaized.net"],
      ["x.global.ssl.fastly.net", "fastly.net"],
      ["o1.ingest.sentry.io", "sentry.io"],
      ["acme.datadoghq.com", "datadoghq.com"],
      ["acme.splunkcloud.com", "splunkcloud.com"],
      ["acme.cloud.databricks.com", "databricks.com"],
      ["x.es.eu-west-1.aws.elastic-cloud.com", "elastic-cloud.com"],
      ["x.supabase.co", "supabase.co"],
      ["x.ngrok.io", "ngrok.io"],
      ["x.workers.dev", "workers.dev"],
      ["x.pages.dev", "pages.dev"],
      ["x.vercel.app", "vercel.app"],
      ["x.netlify.app", "netlify.app"],
      ["203.0.113.7.nip.io", "nip.io"],
    ])("%s is under %s", (name, suffix) => {
      expect(sharedSuffix(name)).toBe(suffix);
      expect(wildcardDomain(name)).toBeNull();
      if (name !== suffix) expect(wildcardFault(name)).toContain(`${suffix} is shared`);
    });

    it.each([
      "api.stripe.com",
      "salesforce.com",
      "login.windows.net",
      "notzendesk.com",
      "zendesk.com.evil.example",
      "com",
    ])("%s is under none", (name) => {
      expect(sharedSuffix(name)).toBeNull();
    });

    it("knows what lies above a shared suffix, and what does not", () => {
      const names = ["windows.net", "core.windows.net", "azure.com", "salesforce.com", "t-systems.com", "linode.com"];
      expect(names.filter(isAboveShared)).toEqual([
        "windows.net",
        "core.windows.net",
        "azure.com",
        "salesforce.com",
        "t-systems.com",
      ]);
      expect(["stripe.com", "zendesk.com", "net"].filter(isAboveShared)).toEqual([]);
    });
  });

  describe("wildcardDomain", () => {
    it.each([
      ["api.stripe.com", "stripe.com"],
      ["stripe.com", "stripe.com"],
      ["a.b.example.co.uk", "example.co.uk"],
      ["de.wikipedia.org", "wikipedia.org"],
      ["docs.me.github.io.example.com", "example.com"],
      ["xn--80ak6aa92e.com", "xn--80ak6aa92e.com"],
    ])("of %s is %s", (name, domain) => {
      expect(wildcardDomain(name)).toBe(domain);
      expect(wildcardFault(name)).toBeNull();
    });

    it.each([
      ["co.uk", "a public suffix"],
      ["com", "no host name"],
      ["github.io", "github.io is shared"],
      ["s3.amazonaws.com", "amazonaws.com is shared"],
      ["db.corp.nosuchtld", "none that is known"],
      ["login.windows.net", "under windows.net customers of its owner have names"],
      ["management.azure.com", "under azure.com customers"],
      ["www.salesforce.com", "under salesforce.com customers"],
      ["app.typeform.com", "under typeform.com customers"],
      ["cart.shop.svc.cluster.local", "a Kubernetes service name"],
      ["metadata.google.internal", ".internal is not"],
      ["localhost", ".localhost is not"],
      ["4.3.2.1.in-addr.arpa", "a reverse zone"],
      ["host-203-0-113-7.example.com", "an address is in the name"],
      ["203.0.113.7.example.com", "an address is in the name"],
      ["ec2-203-0-113-7.eu-west-1.compute.amazonaws.com", "amazonaws.com is shared"],
      ["static.7.113.0.203.clients.your-server.de", "your-server.de is shared"],
      ["*.example.com", "no host name"],
      ["API.example.com", "no host name"],
      ["api.example.com.", "no host name"],
      ["api.example.com:80", "no host name"],
      ["203.0.113.7", "no host name"],
      ["", "no host name"],
    ])("of %j is none: %s", (name, why) => {
      expect(wildcardDomain(name)).toBeNull();
      expect(wildcardFault(name)).toContain(why);
    });

    it("is a domain that the name is under, or a reason in printable ASCII; never a suffix, never another's", () => {
      fc.assert(
        fc.property(wild, (text) => {
          const domain = wildcardDomain(text);
          expect(domain === null).toBe(wildcardFault(text) !== null);
          if (domain === null) {
            expect(wildcardFault(text)).toMatch(/^[\x20-\x7e]+$/);
            return;
          }
          expect(`.${text}`.endsWith(`.${domain}`)).toBe(true);
          expect(domain).toMatch(ldh);
          expect([registrableDomain(domain), sharedSuffix(domain), isAboveShared(domain)]).toEqual([
            domain,
            null,
            false,
          ]);
        }),
        { numRuns: 3000 },
      );
    });
  });
});

it("takes a plain name for what it takes any other spelling of it", () => {
  const text = fc.oneof(
    fc.stringMatching(/^[a-z0-9.-]{1,40}$/),
    fc.stringMatching(/^([a-z0-9-]{1,64}\.){1,5}[a-z0-9-]{1,64}$/),
    fc.stringMatching(/^([a-z]{1,9}\.){30,60}0?[a-z]{1,9}$/),
  );
  fc.assert(
    fc.property(text, (name) => {
      // A dot at the end is no part of it.
      if (name.endsWith(".") || parseHost(name).kind === "address") return;
      expect(parseHost(name)).toEqual(parseHost(`${name}.`));
    }),
    { numRuns: 2000 },
  );
});
