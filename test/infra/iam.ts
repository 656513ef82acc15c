/** The roles of a template with what they allow, whether the role says so or a policy beside it. */
import * as z from "zod";
import type { Packed } from "./pack.ts";

const oneOrMore = <T extends z.ZodType>(one: T) =>
  z.union([one.transform((value) => [value]), z.array(one)]).transform((list) => list as z.output<T>[]);
const statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore(z.string()),
  Resource: oneOrMore(z.union([z.string(), z.record(z.string(), z.unknown())])),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const document = z.object({ Statement: z.array(statement) });
const role = z.object({
  ManagedPolicyArns: z.undefined().optional(),
  Policies: z.array(z.object({ PolicyDocument: document })),
});
const policy = z.object({ Roles: z.array(z.object({ Ref: z.string() })), PolicyDocument: document });

export interface Grant extends z.infer<typeof statement> {
  role: string;
  /** The resource of the template that holds the statement. */
  source: string;
}

/** Every statement of every role. Throws where a role or policy is not of the form that we read. */
export function grants({ all }: Packed): Grant[] {
  const inline = all("AWS::IAM::Role").flatMap(([id, properties]) =>
    role
      .parse(properties)
      .Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .map((one) => ({ ...one, role: id, source: id })),
  );
  const beside = all("AWS::IAM::Policy").flatMap(([id, properties]) => {
    const { Roles, PolicyDocument } = policy.parse(properties);
    return Roles.flatMap(({ Ref }) => PolicyDocument.Statement.map((one) => ({ ...one, role: Ref, source: id })));
  });
  return [...inline, ...beside];
}

/** What a role is allowed, `action on resource`, sorted; resources by logical id, or as they are written, `${AWS::Region}` as `Region`. */
export function allowed(packed: Packed, name: string): string[] {
  return grants(packed)
    .filter(({ role: one, Effect }) => one === name && Effect === "Allow")
    .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((one) => `${action} on ${text(one)}`)))
    .sort();
}

function text(resource: string | Record<string, unknown>): string {
  if (typeof resource === "string") return resource;
  const [kind = "", value] = Object.entries(resource)[0] ?? [];
  if (kind === "Fn::GetAtt" && Array.isArray(value)) return String(value[0]);
  return String(value).replaceAll(/\$\{AWS::(\w+)\}/g, "$1");
}
