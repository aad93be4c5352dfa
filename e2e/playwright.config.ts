import { defineConfig } from '@playwright/test';

/** The real app, two at a time: each test has a cabinet and an operator of its own, and mostly waits for a shopper's time to pass. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  workers: 2,
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
