import { memory } from "../../lib/remember/memory.ts";
import { storeContract } from "../contract/store.ts";

storeContract("memory", async () => {
  const store = memory();
  return { open: async () => store, clean: async () => {} };
});
