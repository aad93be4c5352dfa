import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    environment: 'node',
    testTimeout: 300_000,
    hookTimeout: 180_000,
    maxWorkers: 4,
    // A worker keeps its modules for its next file: most files spent longer on loading them than on their tests. So a
    // test may leave nothing behind in a module or a global.
    isolate: false,
  },
});
