import { describe, test } from "vitest";
import { openMemoryStore } from "./memoryStore.ts";
import { storeConformance } from "./storeConformance.ts";

describe("the memory store", () => {
  for (const { title, check } of storeConformance(async () => openMemoryStore())) test(title, check);
});
