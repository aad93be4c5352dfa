import { expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { Trace, traceEventsMaxPerDevice } from './trace.ts';

test('a chattering reader does not push out the lock; each ring is bounded', () => {
  const trace = new Trace(new FakeClock());
  trace.add('lock', 'to_device', Uint8Array.of(0x8a));
  for (let i = 0; i < traceEventsMaxPerDevice * 3; i++)
    trace.add('tag-reader', 'from_device', Uint8Array.of(i & 0xff));
  expect(trace.since(0, 'lock')).toMatchObject([{ seq: 1, hex: '8A' }]);
  expect(trace.since(0, 'tag-reader')).toHaveLength(traceEventsMaxPerDevice);
  const all = trace.since(0);
  expect(all).toHaveLength(traceEventsMaxPerDevice + 1);
  expect(all.at(-1)?.seq).toBe(trace.lastSeq);
  expect(all.every((event, i) => i === 0 || event.seq > all[i - 1]!.seq)).toBe(true);
});

test('a very long chunk is shown cut', () => {
  const trace = new Trace(new FakeClock());
  trace.add('lock', 'to_device', new Uint8Array(2000));
  expect(trace.since(0)[0]?.hex).toMatch(/^0{1024}…$/);
});
