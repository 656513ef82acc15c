import { expect, it } from "vitest";
import { diskCells } from "./disk.ts";
import { killCells } from "./kills.ts";
import { togetherCells } from "./together.ts";
import { tempFolder } from "../tools/temp.ts";
import { clusterOf, countsText, nameOf, runAll, shortfalls } from "./matrix.ts";
import { dnsCells, httpCells } from "./parts.ts";
import { startWorld } from "./world.ts";
import { baseline } from "./baseline.ts";

const only = process.env.FAULTS_ONLY;
it("draft", async () => {
    const folder = tempFolder("faults");
    const t0 = Date.now();
    const clusters = Array.from({ length: Number(process.env.N ?? 500) }, (_, i) => clusterOf(i));
    const base = ["well-sqlite", "well-dynamodb"];
    const world = await startWorld([...clusters, ...base], [...clusters, ...base], folder.path);
    console.log("world", Date.now() - t0);
    const { requests, steps } = await baseline(world);
    console.log("base", Date.now() - t0, requests, steps.requests, steps.statements.length);
    const cells = [...togetherCells(), ...httpCells(requests), ...dnsCells(), ...killCells(steps), ...diskCells()].filter((one) => only === undefined || new RegExp(only).test(nameOf(one)));
    const outcomes = await runAll(world, cells);
    console.log(countsText(cells, outcomes));
    console.log("all", Date.now() - t0);
    await world.stop();
    expect(shortfalls(cells, outcomes)).toEqual([]);
}, 1_000_000);
