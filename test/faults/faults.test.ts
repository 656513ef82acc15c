import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "../tools/temp.ts";
import type { Cell, Outcome } from "./cell.ts";
import { clusterOf, countsText, nameOf, runAll, shortfalls } from "./matrix.ts";
import { dnsCells, httpCells } from "./parts.ts";
import { startWorld, type World } from "./world.ts";
import { baseline } from "./baseline.ts";

const only = process.env.FAULTS_ONLY;
it("draft", async () => {
    const folder = tempFolder("faults");
    const t0 = Date.now();
    const clusters = Array.from({ length: 420 }, (_, i) => clusterOf(i));
    const base = ["base-sqlite", "base-dynamodb"];
    const world = await startWorld([...clusters, ...base], [...clusters.slice(0, 420), ...base], folder.path);
    console.log("world", Date.now() - t0);
    const requests = await baseline(world);
    console.log("base", Date.now() - t0, requests);
    const cells = [...httpCells(requests), ...dnsCells()].filter((one) => only === undefined || new RegExp(only).test(nameOf(one)));
    const outcomes = await runAll(world, cells);
    console.log(countsText(cells, outcomes));
    console.log("all", Date.now() - t0);
    await world.stop();
    expect(shortfalls(cells, outcomes)).toEqual([]);
}, 1_000_000);
