/** A button that copies; where the browser lets no page write to the clipboard, it selects. */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";

interface CopyProps {
  label: string;
  text: () => string;
  /** Where the text stands, to be selected. */
  shown?: RefObject<HTMLElement | null>;
}

type Outcome = "copied" | "selected: now press Ctrl+C" | "not copied";

export function CopyButton({ label, text, shown }: CopyProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const press = async () => setOutcome(await copied(text(), shown?.current ?? null));
  return (
    <span class="copy">
      <button type="button" onClick={press}>
        {label}
      </button>
      <span role="status">{outcome}</span>
    </span>
  );
}

async function copied(text: string, shown: HTMLElement | null): Promise<Outcome> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    if (shown === null) return "not copied";
    getSelection()?.selectAllChildren(shown);
    const exact = (event: ClipboardEvent) => {
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
    };
    document.addEventListener("copy", exact, { once: true });
    const isCopied = document.execCommand("copy");
    document.removeEventListener("copy", exact);
    return isCopied ? "copied" : "selected: now press Ctrl+C";
  }
}
