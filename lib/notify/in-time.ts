/** What the work comes to, or what `late` makes is thrown once the deadline is over. The work itself goes on: nobody waits for it. */
export async function inTime<T>(work: Promise<T>, deadline: AbortSignal, late: () => Error): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = () => reject(late());
  deadline.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([work, over]);
  } finally {
    deadline.removeEventListener("abort", end);
  }
}
