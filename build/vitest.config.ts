import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'build/**/*.test.ts'],
    environment: 'node',
    // They bound hanging alone; a test has none of its own: it would fail on a busy machine.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    maxWorkers: 4,
    // A worker keeps its modules for its next file: most files spent longer on loading them than on their tests. So a
    // test may leave nothing behind in a module or a global.
    isolate: false,
  },
});
