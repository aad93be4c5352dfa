import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';

/**
 * The real app, one for every two processors: each test has a cabinet and an operator of its own. Two that look for faces at
 * once starve each other's devices where there are only two.
 */
export default defineConfig({
  testDir: '.',
  // `web`: the pages that the operator serves, in an ordinary browser; `app`: all else, in the real app.
  projects: [
    { name: 'app', testMatch: '*.e2e.ts', testIgnore: 'web/**' },
    { name: 'web', testMatch: 'web/*.e2e.ts' },
  ],
  workers: Math.max(1, Math.floor(availableParallelism() / 2)),
  fullyParallel: false,
  // Only bounds hanging.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  // The small sheets that gallery.e2e.ts compares with: `npm run e2e -- gallery --update-snapshots` draws them anew.
  snapshotPathTemplate: '{testDir}/sheets/{arg}{ext}',
  outputDir: '../artifacts/e2e',
  forbidOnly: Boolean(process.env['CI']),
});
