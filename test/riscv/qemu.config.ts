import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/riscv/*.qemu.ts"], testTimeout: 300_000, reporters: ["default"] },
});
