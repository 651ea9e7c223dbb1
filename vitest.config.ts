import { defineConfig } from 'vitest/config';

// A limit only ends a test that hangs. It is far above what a slow, busy machine needs.
const UNIT_TIMEOUT_MS = 5 * 60_000;
const SERVERS_TIMEOUT_MS = 30 * 60_000;
/** A failed test is often read in a log only: show what it received. */
const chaiConfig = { truncateThreshold: 1_000 };

export default defineConfig({
  test: {
    teardownTimeout: SERVERS_TIMEOUT_MS,
    projects: [
      {
        test: {
          name: 'unit',
          chaiConfig,
          include: ['test/unit/**/*.test.ts'],
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
          expect: { poll: { timeout: UNIT_TIMEOUT_MS } },
          sequence: { groupOrder: 0 },
          // A process for each file costs more than most files take.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          chaiConfig,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/services.ts'],
          sequence: { groupOrder: 1 },
          testTimeout: SERVERS_TIMEOUT_MS,
          hookTimeout: SERVERS_TIMEOUT_MS,
          // More than there are cores, because most files wait for servers and time limits.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'cluster',
          chaiConfig,
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/support/cluster/services.ts'],
          sequence: { groupOrder: 2 },
          testTimeout: SERVERS_TIMEOUT_MS,
          hookTimeout: SERVERS_TIMEOUT_MS,
          // One cluster for all files, which the tests stop in parts.
          maxWorkers: 1,
          isolate: false,
        },
      },
      {
        test: {
          name: 'ui',
          chaiConfig,
          include: ['test/ui/**/*.test.ts'],
          globalSetup: ['test/support/browser/services.ts'],
          sequence: { groupOrder: 3 },
          testTimeout: SERVERS_TIMEOUT_MS,
          hookTimeout: SERVERS_TIMEOUT_MS,
          // One browser and one bundle of the workflows for all files.
          maxWorkers: 1,
          isolate: false,
        },
      },
    ],
  },
});
