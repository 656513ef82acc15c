import { rowsOf } from "../lib/report/page/columns.ts";
import type { PackedData, PageData } from "../lib/report/page/data.ts";

/** What lib/report/page/html.ts packed: JSON, deflated, in base64. */
export async function unpack(text: string): Promise<PageData> {
  const bytes = Uint8Array.from(atob(text.trim()), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const { at, clusters }: PackedData = await new Response(stream).json();
  return { at, clusters: clusters.map((one) => ({ ...one, flows: rowsOf(one.flows) })) };
}
