/** The head of the page: which cluster, how old, light or dark. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { PageData } from "../lib/report/page/data.ts";
import { clock, span } from "./words.ts";

const themes = ["auto", "light", "dark"] as const;
type Theme = (typeof themes)[number];

const parts = [
  ["map-title", "Map"],
  ["flows", "Flows"],
  ["findings", "Findings"],
  ["readiness", "Readiness"],
] as const;

interface HeadProps {
  data: PageData;
  at: number;
  choose: (at: number) => void;
}

export function Head({ data, at, choose }: HeadProps) {
  return (
    <header>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <span class="brand">
        <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
          <circle cx="9" cy="11" r="7" fill="none" stroke="currentColor" stroke-width="2" />
          <path d="M9 11h11m-4-4 4 4-4 4" fill="none" stroke="currentColor" stroke-width="2" />
        </svg>
        egress-scout
      </span>
      {data.clusters.length > 1 && (
        <label class="cluster">
          <span>Cluster</span>
          <select value={String(at)} onChange={(event) => choose(Number(event.currentTarget.value))}>
            {data.clusters.map(({ name }, index) => (
              <option key={name} value={String(index)}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {(data.clusters[at]?.flows.length ?? 0) > 0 && (
        <nav aria-label="Parts of the page">
          {parts.map(([id, name]) => (
            <a key={id} href={`#${id}`}>
              {name}
            </a>
          ))}
        </nav>
      )}
      <span class="made">
        made <time dateTime={new Date(data.at).toISOString()}>{clock(data.at)} UTC</time>, {span(Date.now() - data.at)}{" "}
        ago
      </span>
      <ThemeChoice />
    </header>
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(kept);
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("egress-scout-theme", theme);
    } catch {
      // A browser may keep nothing for files: the choice holds as long as the page is open.
    }
  }, [theme]);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "auto";
  return (
    <button type="button" class="theme" onClick={() => setTheme(next)} title={`Change to ${next}`}>
      <span aria-hidden="true">{theme === "auto" ? "◐" : theme === "light" ? "☀" : "☾"}</span> Theme: {theme}
    </button>
  );
}

function kept(): Theme {
  try {
    return themes.find((one) => one === localStorage.getItem("egress-scout-theme")) ?? "auto";
  } catch {
    return "auto";
  }
}
