/** What came of asking an HTTP server: its status and the beginning of its body, or why there was no answer. */
export type Reached = { status: number; body: string } | { why: string };
