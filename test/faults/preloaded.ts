/** The environment that makes the command load preload.mjs. */

export interface Preload {
  /** How far the machine's clock is ahead, ms. */
  clock?: number;
  /** SIGKILL before this statement to the state file; 1 is the first. */
  dieAt?: number;
  /** A file for the statements of a run that ends by itself. */
  statements?: string;
}

const file = new URL("preload.mjs", import.meta.url).href;

export function preloaded({ clock, dieAt, statements }: Preload): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${file}`,
    ...(clock === undefined ? {} : { FAULTS_CLOCK: String(clock) }),
    ...(dieAt === undefined ? {} : { FAULTS_DIE_AT: String(dieAt) }),
    ...(statements === undefined ? {} : { FAULTS_STATEMENTS: statements }),
  };
}
