import { describe, expect, it } from "vitest";
import { finding, name, ports, suggestOne, tcp } from "./make.ts";

const host = "db.example.com";
const named = { names: [name(host, "ptr", "confirmed")] };
const made = (port: number, settings = {}) => suggestOne(finding(tcp("203.0.113.7", port), named), [], settings);

describe("a database by its name", () => {
  it.each([
    [5432, "PostgreSQL"],
    [3306, "MySQL"],
    [27017, "MongoDB"],
    [6379, "Redis"],
    [1433, "SQL Server"],
  ])("on port %s is TCP, and says so: %s", (port, called) => {
    const { manifest, why, warnings } = made(port);
    expect(ports(manifest)).toEqual([`${port} tcp-${port} TCP`]);
    expect(why.join()).toContain(`Port ${port} is ${called}'s by custom: as TCP it is passed on unread`);
    expect(warnings.join()).toContain("Only the listed addresses match");
  });

  it("relies on DNS capture where the mesh has it, and warns of what happens without", () => {
    expect(made(5432, { dnsCapture: true }).warnings.join()).toContain(
      "all TCP on port 5432 is caught and sent to db.example.com",
    );
  });

  it("is better off as TLS where its clients begin with it", () => {
    expect(made(27017).warnings.join()).toContain(
      "Clients of MongoDB begin with TLS with MongoDB Atlas: if yours send an SNI",
    );
    expect(made(5432).warnings.join()).not.toContain("Clients of");
    expect(suggestOne(finding(tcp("203.0.113.7", 27017))).warnings.join()).not.toContain("Clients of");
  });

  it("is not seen in other numbers", () => {
    expect(made(5433).why.join()).not.toContain("by custom");
  });
});
