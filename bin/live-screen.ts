/** The alternate screen of a terminal: drawn again and again, and given back however the command ends. */

/** xterm's private modes, which every terminal of today has: alternate screen, no cursor, no line breaks of its own. */
const enter = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const leave = "\u001b[?7h\u001b[?25h\u001b[?1049l";
/** q, Q and Ctrl-C. */
const ends: ReadonlySet<number> = new Set([0x71, 0x51, 0x03]);
const home = "\u001b[H";
const restOfLine = "\u001b[K";
const restOfScreen = "\u001b[J";

export interface LiveScreen {
  draw(): void;
  close(): void;
}

/** Is stdout a terminal that can do it? */
export const isLive = (): boolean => process.stdout.isTTY === true && process.env.TERM !== "dumb";

/**
 * Draws at once, each second, and when the terminal's size changes. `q` and Ctrl-C end the command with 130.
 * @param lines what to show, no more than fit
 */
export function liveScreen(lines: (size: { width: number; height: number }) => readonly string[]): LiveScreen {
  const { stdout, stdin } = process;
  let isOpen = true;
  const draw = () => {
    if (!isOpen) return;
    const { columns: width = 80, rows: height = 24 } = stdout;
    const shown = lines({ width, height }).slice(0, height);
    stdout.write(`${home}${shown.map((one) => `${one}${restOfLine}`).join("\r\n")}${restOfScreen}`);
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(timer);
    stdout.off("resize", draw);
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stdin.off("data", onKey).pause();
    }
    stdout.write(leave);
  };
  const onKey = (keys: Buffer) => {
    // In raw mode Ctrl-C is a key like any other.
    if ([...keys].some((key) => ends.has(key))) process.exit(130);
  };
  stdout.write(enter);
  // Also for what nobody catches, so that its stack is printed where it stays.
  process.once("exit", close).once("uncaughtExceptionMonitor", close);
  stdout.on("resize", draw);
  if (stdin.isTTY) stdin.setRawMode(true).on("data", onKey);
  const timer = setInterval(draw, 1000);
  draw();
  return { draw, close };
}
