import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { warningEveryMs } from '../platform/repeated-warnings.ts';
import { CallBudget, callLimits, isSmallEnough } from './call-budget.ts';

let clock: FakeClock;
let logged: string[];
let flooded: string[];
let budget: CallBudget;
beforeEach(() => {
  clock = new FakeClock();
  logged = [];
  flooded = [];
  const note = (event: string, fields?: object): void =>
    void logged.push(`${event} ${JSON.stringify(fields)}`);
  const logger = { debug: note, info: note, warn: note, error: note };
  budget = new CallBudget({ clock, logger, onFlood: (caller) => void flooded.push(caller) });
});

describe('a page that calls without end', () => {
  test('is refused, and then ended, once; the face view is not touched by it', async () => {
    let taken = 0;
    for (let i = 0; i < 100_000; i++) if (budget.take('page')) taken++;
    expect(taken).toBeLessThanOrEqual((flooded.length + 1) * callLimits.burstCount);
    expect(flooded[0]).toBe('page');
    expect(budget.take('face')).toBe(true);
    await clock.advance(1_000);
    expect(budget.take('page')).toBe(true);
  });

  test('is ended also when it calls ten times as often as it may, and no more', async () => {
    for (let i = 0; i < 10_000 && flooded.length === 0; i++) {
      budget.take('page');
      await clock.advance(1);
    }
    expect(flooded).toEqual(['page']);
  });

  test('writes one line a minute into the log, with how many there were', async () => {
    for (let i = 0; i < 50_000; i++) budget.note('visit.cancel', 'forbidden');
    expect(logged).toHaveLength(1);
    await clock.advance(warningEveryMs);
    budget.note('visit.cancel', 'forbidden');
    expect(logged).toHaveLength(2);
    expect(logged[1]).toContain('"moreSinceLast":49999');
  });

  test('thirty frames a second for a minute are no flood', async () => {
    for (let i = 0; i < 30 * 60; i++) {
      expect(budget.take('face')).toBe(true);
      await clock.advance(1000 / 30);
    }
  });
});

describe('a payload', () => {
  const descriptor = Array.from({ length: 512 }, (_, i) => Math.sin(i));
  const deep = (levels: number): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < levels; i++) value = [value];
    return value;
  };
  test('as large as any call needs is let through', () => {
    expect(isSmallEnough({ nonce: 'x'.repeat(22), report: { descriptor: { values: descriptor } } })).toBe(
      true,
    );
    expect(isSmallEnough({ skus: Array.from({ length: 500 }, (_, i) => `sku-${i}`.padEnd(32)) })).toBe(true);
    for (const plain of [null, undefined, 1, '', {}, [], true]) expect(isSmallEnough(plain)).toBe(true);
  });
  test.each<[string, () => unknown]>([
    ['a long text', () => 'x'.repeat(callLimits.textMax + 1)],
    ['a text in an object', () => ({ a: { b: 'x'.repeat(1_000_000) } })],
    ['a long name', () => ({ ['x'.repeat(1_000_000)]: 1 })],
    ['many elements', () => new Array<number>(1_000_000).fill(0)],
    ['an empty array of a billion', () => new Array<number>(1_000_000_000)],
    ['many names', () => Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`n${i}`, i]))],
    ['many levels', () => deep(100_000)],
    ['bytes', () => new Uint8Array(10_000_000)],
    ['a map', () => new Map([[1, 2]])],
  ])('that is too large: %s', (_, make) => {
    const payload = make();
    expect(isSmallEnough(payload)).toBe(false);
  });
});
