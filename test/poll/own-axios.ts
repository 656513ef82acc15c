/**
 * Puts lib/poll/axios.ts in axios' place, as the bundle does; to be imported before what imports prometheus-query. vitest's alias
 * does not reach a `require`, and vitest takes that library's CommonJS build.
 */
import { createRequire, Module } from "node:module";
import axios from "../../lib/poll/axios.ts";

const require = createRequire(import.meta.url);
const place = createRequire(require.resolve("prometheus-query")).resolve("axios");
const own = new Module(place);
own.exports = axios;
own.loaded = true;
require.cache[place] = own;
