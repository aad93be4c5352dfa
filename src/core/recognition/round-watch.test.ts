import { expect, it } from 'vitest';
import { RoundWatch } from './round-watch.ts';

/** The tags 0 to `count`, one every `slotMs`, so many times over, from this time on; when it ends. */
function read(watch: RoundWatch, startMs: number, count: number, slotMs: number, rounds: number): number {
  let atMs = startMs;
  for (let n = 0; n < count * rounds; n++, atMs += slotMs) watch.note(`tag ${n % count}`, atMs);
  return atMs;
}

it('a round is as long as it takes until tags come again', () => {
  const watch = new RoundWatch();
  expect(watch.lengthMs).toBe(0);
  read(watch, 0, 20, 5, 10);
  expect(watch.lengthMs).toBeGreaterThanOrEqual(100);
  expect(watch.lengthMs).toBeLessThanOrEqual(130);
});

it('a round that has become slow is noticed while it is under way, and forgotten when it is over', () => {
  const watch = new RoundWatch();
  const slowMs = read(watch, 0, 20, 5, 10);
  const quickMs = read(watch, slowMs, 10, 50, 1);
  expect(watch.lengthMs).toBeGreaterThan(400);
  read(watch, quickMs, 20, 5, 10);
  expect(watch.lengthMs).toBeLessThanOrEqual(130);
});

it('a tag that answers twice in a round does not end it', () => {
  const watch = new RoundWatch();
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 20; n++) {
      watch.note(`tag ${n}`, (round * 20 + n) * 5);
      if (n === 3 || n === 9) watch.note(`tag ${n}`, (round * 20 + n) * 5);
    }
  }
  expect(watch.lengthMs).toBeGreaterThanOrEqual(90);
});

it('one tag that is left of many soon makes rounds of its own', () => {
  const watch = new RoundWatch();
  const endMs = read(watch, 0, 20, 5, 3);
  read(watch, endMs + 10_000, 1, 20, 20);
  expect(watch.lengthMs).toBeLessThanOrEqual(40);
});
