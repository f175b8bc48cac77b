import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "apps/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", "test/browser/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // What a test compares is the text; tests of colour set their own environment.
    env: { NO_COLOR: "1" },
    reporters: process.env["CI"] ? ["default"] : ["dot"],
  },
});
