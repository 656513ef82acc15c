/** A repository that is read and not written to. No I/O of its own. */
import type { Repository } from "./repository.ts";

/** Of a pull request that would be opened nobody knows the number yet. */
export const dry = (repository: Repository): Repository => ({
  ...repository,
  commit: async () => {},
  remove: async () => {},
  open: async () => ({ number: null, url: null, warnings: [] }),
  rewrite: async () => {},
  close: async () => {},
  comment: async () => {},
});
