/** The alternate screen of a terminal: drawn again and again, and given back however the command ends. */

import { stripVTControlCharacters } from "node:util";
import { cutEnd, displayWidth } from "../lib/report/width.ts";
import { screenSize } from "./colour.ts";

/** xterm's private modes, which every terminal of today has: alternate screen, no cursor, no line breaks of its own. */
const enter = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const leave = "\u001b[?7h\u001b[?25h\u001b[?1049l";
/** q, Q and Ctrl-C. */
const ends: ReadonlySet<number> = new Set([0x71, 0x51, 0x03]);
const ctrlZ = 0x1a;
const home = "\u001b[H";
// Written before a line: after one as wide as the screen the cursor still stands on its last cell, and would wipe that.
const restOfLine = "\u001b[K";
const restOfScreen = "\u001b[J";

const esc = "\u001b";
const painting = new RegExp(`(${esc}\\[[0-9;]*m)`);

export interface LiveScreen {
  draw(): void;
  close(): void;
}

/** Is stdout a terminal that can do it? */
export const isLive = (): boolean => process.stdout.isTTY === true && process.env.TERM !== "dumb";

/**
 * Draws at once, each second, and when the terminal's size changes. `q` and Ctrl-C end the command with 130; Ctrl-Z stops it, and it is drawn
 * again when it goes on.
 * @param lines what to show, no more than fit
 */
export function liveScreen(lines: (size: { width: number; height: number }) => readonly string[]): LiveScreen {
  const { stdout, stdin } = process;
  let isOpen = true;
  let isShown = false;
  const draw = () => {
    if (!isShown) return;
    const size = screenSize();
    const shown = lines(size)
      .slice(0, size.height)
      .map((one) => clipped(one, size.width));
    const last = shown.pop() ?? "";
    const text = shown.map((one) => `${restOfLine}${one}\r\n`).join("");
    stdout.write(`${home}${text}${restOfScreen}${last}`);
  };
  const show = () => {
    if (!isOpen) return;
    isShown = true;
    if (stdin.isTTY) stdin.setRawMode(true);
    stdout.write(enter);
    draw();
  };
  const hide = () => {
    isShown = false;
    if (stdin.isTTY) stdin.setRawMode(false);
    stdout.write(leave);
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(timer);
    stdout.off("resize", draw);
    process.off("SIGCONT", show);
    stdin.off("data", onKey).pause();
    hide();
  };
  const stop = () => {
    hide();
    // All of the job, as the terminal would: npx does not stay in front. A shell is told, or nobody is there to let it go on, and it does.
    process.kill(0, "SIGTSTP");
    setTimeout(() => isShown || show(), 200);
  };
  const onKey = (keys: Buffer) => {
    // In raw mode Ctrl-C is a key like any other.
    if ([...keys].some((key) => ends.has(key))) process.exit(130);
    if (keys.includes(ctrlZ)) stop();
  };
  // Also for what nobody catches, so that its stack is printed where it stays.
  process.once("exit", close).once("uncaughtExceptionMonitor", close);
  stdout.on("resize", draw);
  if (stdin.isTTY) stdin.on("data", onKey);
  process.on("SIGCONT", show);
  const timer = setInterval(draw, 1000);
  show();
  return { draw, close };
}

/** What does not fit at all (a word, a time) is left out at its end, colours kept: the terminal would write all of it into its last cell. */
function clipped(line: string, width: number): string {
  if (displayWidth(stripVTControlCharacters(line)) <= width) return line;
  let left = width;
  const pieces = line.split(painting).map((piece) => {
    if (piece.startsWith(esc)) return piece;
    const shown = cutEnd(piece, left, "");
    left -= displayWidth(shown);
    return shown;
  });
  return pieces.join("");
}
