/** What makes the page, loaded when somebody asks for one. */
export { picture } from "../picture.ts";
export { pageAssets } from "../report/page/assets.ts";
export { pageHtml } from "../report/page/html.ts";
export { pageData } from "../report/page/pack.ts";
