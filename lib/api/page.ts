/** `GET /`: the page, made anew of what is remembered now. */
import type { Context, MiddlewareHandler } from "hono";
import type { Page } from "../report/page/html.ts";
import type { Env } from "./guard.ts";
import type { ApiParts } from "./parts.ts";

type PageParts = Pick<ApiParts, "store" | "now" | "picture">;

/** Who asks while one is being made gets the same. */
const making = new WeakMap<PageParts, Promise<Page>>();

export async function getPage(c: Context<Env>, parts: PageParts): Promise<Response> {
  const page = making.get(parts) ?? make(parts).finally(() => making.delete(parts));
  making.set(parts, page);
  const { html, policy } = await page;
  c.set("policy", policy);
  return c.html(html);
}

async function make({ store, now, picture: partsOf }: PageParts): Promise<Page> {
  // Slack's function answers in 3 s and never makes one.
  const { picture, pageData, pageHtml, pageAssets } = await import("./page-parts.ts");
  const told = await picture(await partsOf(await store()), { only: null, at: now() });
  return pageHtml(pageData(told), pageAssets());
}

/** A page has a policy of its own, by its hashes. Goes before whatever sets one for all. */
export const ownPolicy: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  const policy = c.get("policy");
  if (policy !== undefined) c.header("content-security-policy", policy);
};
