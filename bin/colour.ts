/**
 * Whether what is printed on stdout may carry colours: on a terminal that has them, unless `NO_COLOR` says no. Never in
 * a pipe or a file, whatever the environment of a CI says: another program reads those.
 */
export function inColour(): boolean {
  return process.stdout.isTTY === true && process.stdout.hasColors();
}
