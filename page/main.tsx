/** The page in the browser: unpacks what it was given and draws it. It asks nobody for anything. */
import { render } from "preact";
import { App } from "./app.tsx";
import { unpack } from "./unpack.ts";

const root = document.getElementById("page");
if (root !== null) {
  root.replaceChildren();
  unpack(document.getElementById("data")?.textContent ?? "").then(
    (data) => render(<App data={data} />, root),
    () =>
      render(<p class="fault">This page cannot be shown: it is cut off, or the browser is older than 2023.</p>, root),
  );
}
