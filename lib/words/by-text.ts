/** For sorting: by code unit and not by locale, so that it is the same on every machine. Pure. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
