import { expect, test } from 'vitest';
import { faceSearchTimesMs } from './face-search-times.ts';

test('a face is compared with everybody, once a run', () => {
  const values = faceSearchTimesMs(200, 5);
  expect(values).toHaveLength(5);
  for (const ms of values) expect(ms).toBeGreaterThan(0);
});
