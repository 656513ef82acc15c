/** The browser's part of the page (`page/`), which build.mjs bundles and puts here. */
import type { PageAssets } from "./html.ts";

declare const PAGE_SCRIPT: string;
declare const PAGE_STYLE: string;

export const pageAssets = (): PageAssets => ({ script: PAGE_SCRIPT, style: PAGE_STYLE });
