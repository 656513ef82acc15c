/** Who calls what in the demo, and what its DNS server knows. Addresses are of the ranges for documentation. */
import type { DnsData } from "../tools/dns.ts";
import type { Mesh } from "./mesh.ts";

export interface Traffic {
  /** What went on before anybody looked: three workloads' usual destinations, and in-mesh calls. */
  usual(): void;
  /** What nobody saw before: one of each kind. */
  fresh(): void;
}

const database = "192.0.2.40";

export const demoDns: DnsData = {
  ptr: { [database]: "orders.db.example.net" },
  a: {
    "orders.db.example.net": [database],
    "api.stripe.com": ["198.51.100.7", "2001:db8::7"],
    "httpbin.org": ["198.51.100.20"],
    "weather.example.com": ["198.51.100.30"],
  },
};

/** The demo's workloads, six in four namespaces. */
export function demoTraffic(mesh: Mesh): Traffic {
  const frontend = mesh.pod({ namespace: "shop", workload: "frontend" });
  const cart = mesh.pod({ namespace: "shop", workload: "cart" });
  const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
  const reports = mesh.pod({ namespace: "data", workload: "reports" });
  const importer = mesh.pod({ namespace: "data", workload: "importer" });
  const mailer = mesh.pod({ namespace: "ops", workload: "mailer" });
  return {
    usual() {
      frontend.http({ host: "weather.example.com", to: "198.51.100.30:80", times: 12 });
      frontend.inMesh({ namespace: "shop", workload: "cart" }, 40);
      cart.inMesh({ namespace: "payments", workload: "checkout" }, 9);
      cart.podToPod({ namespace: "data", workload: "importer", at: "10.244.0.4:8085" }, 3);
      checkout.tls({ sni: "fraud-check.example.com", to: "198.51.100.31:443", times: 9 });
      importer.tcp({ to: "192.0.2.50:9092", times: 2 });
      mailer.tls({ sni: "smtp.example.org", to: "192.0.2.60:465", times: 5 });
    },
    fresh() {
      frontend.http({ host: "httpbin.org", to: "198.51.100.20:80", times: 3 });
      checkout.tls({ sni: "api.stripe.com", to: "198.51.100.7:443", times: 2 });
      reports.tcp({ to: `${database}:5432`, open: true });
      importer.tcp({ to: "203.0.113.66:4444" });
      cart.http({ host: "tracking.example.org", to: "198.51.100.80:80", blocked: true, times: 4 });
      mailer.tcp({ to: "203.0.113.25:25", blocked: true });
    },
  };
}
