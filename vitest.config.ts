import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/**/*.test.ts'],
    globalSetup: ['scripts/build-once.ts'],
    testTimeout: 0,
    hookTimeout: 0,
    pool: 'forks',
    reporters: ['default', './scripts/summary-reporter.ts'],
  },
});
