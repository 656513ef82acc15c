/** 12,345: a whole number as people read it. Intl would say the same, and takes 8 MB of a process for it. */
export const grouped = (count: number): string =>
  Number.isSafeInteger(count) ? String(count).replace(/\B(?=(\d{3})+$)/g, ",") : count.toLocaleString("en-US");
