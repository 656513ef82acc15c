/** `detect` and `policies` of the config: what is found. */
import * as z from "zod";
import { parsePattern } from "../../policy/index.ts";
import { count, duration, glob, name } from "./words.ts";

export const pattern = z.string().refine((text) => !("fault" in parsePattern(text)), {
  error: ({ input }) => {
    const parsed = parsePattern(String(input));
    return "fault" in parsed ? parsed.fault : "a host name, *.suffix, prefix* or *";
  },
});
export const policy = z.strictObject({
  name,
  from: z
    .strictObject({
      namespace: glob.optional(),
      workload: glob.optional(),
      label: z.record(name, z.string()).optional(),
    })
    .optional(),
  allow: z.array(pattern).optional(),
  deny: z.array(pattern).optional(),
});

export const detect = z.strictObject({
  learn: duration.default("7d"),
  spike: z
    .strictObject({
      falseAlarmsPerWeek: z.number().positive().default(1),
      floor: z.number().min(0).default(5),
      ratio: z.number().min(1).default(2),
    })
    .prefault({}),
  fanOut: z.strictObject({ destinations: count.default(20) }).prefault({}),
});
