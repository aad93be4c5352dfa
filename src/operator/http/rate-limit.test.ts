import { expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { rateKeysMax } from '../limits.ts';
import { RateLimit } from './rate-limit.ts';

it('lets a burst through, then so many a second, for each key by itself', async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(clock, { burst: 3, perS: 0.5 });
  for (let i = 0; i < 3; i++) {
    expect(limit.waitS('a')).toBe(0);
    limit.take('a');
  }
  expect(limit.waitS('a')).toBe(2);
  expect(limit.waitS('b')).toBe(0);
  await clock.advance(1_000);
  expect(limit.waitS('a')).toBe(1);
  await clock.advance(1_000);
  expect(limit.waitS('a')).toBe(0);
  await clock.advance(3_600_000);
  for (let i = 0; i < 3; i++) limit.take('a');
  expect(limit.waitS('a')).toBe(2);
});

it('remembers only so many keys, those used last', () => {
  const limit = new RateLimit(new FakeClock(), { burst: 1, perS: 1 });
  limit.take('first');
  for (let i = 0; i < rateKeysMax; i++) limit.take(`k${i}`);
  expect(limit.waitS('first')).toBe(0);
  expect(limit.waitS('k1')).toBe(1);
});
