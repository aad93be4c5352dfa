import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { DoorState } from '../../shared/model/device.ts';
import { err, ok } from '../../shared/result.ts';
import { GoodsInDoubt } from './goods-in-doubt.ts';

let clock: FakeClock;
let inDoubt: GoodsInDoubt;
let stored: string | null;
let written: unknown[];
let recalled: unknown[];
let shelf: unknown;
let isFull: boolean;

beforeEach(() => {
  clock = new FakeClock();
  [stored, written, recalled, shelf, isFull] = [null, [], [], { present: ['A1'] }, false];
  inDoubt = new GoodsInDoubt({
    clock,
    shelf: {
      get betweenVisits() {
        return shelf;
      },
      recallBetweenVisits: (memory) => void recalled.push(memory),
    },
    records: {
      load: () => ok(stored),
      keep: (json) => {
        if (isFull) return err({ code: 'storage.full' });
        written.push(JSON.parse(json));
        return ok();
      },
    },
  });
});

async function look(ms: number, door: DoorState, visitRuns = false): Promise<void> {
  for (let at = 0; at < ms; at += 250) {
    inDoubt.keep({ door, visitRuns });
    await clock.advance(250);
  }
}

it('writes what changes at rest each 10 s at most, and nothing while nothing does', async () => {
  await look(600_000, 'closed');
  expect(written).toEqual([{ present: ['A1'] }]);
  for (let round = 0; round < 240; round++) {
    shelf = { present: [`A${round}`] };
    await look(250, 'closed');
  }
  expect(written.length).toBeLessThanOrEqual(8);
});

it('writes an open door at once, and once', async () => {
  await look(1_000, 'closed');
  shelf = { present: [] };
  await look(1_000, 'open');
  expect(written).toEqual([{ present: ['A1'] }, { present: [] }]);
  await look(60_000, 'open');
  await look(60_000, 'closed', true);
  expect(written.length).toBe(2);
});

it('tries an open door again that the database has not taken', async () => {
  await look(1_000, 'closed');
  [shelf, isFull] = [{ present: [] }, true];
  await look(1_000, 'open');
  isFull = false;
  await look(250, 'open');
  expect(written.at(-1)).toEqual({ present: [] });
});

it('writes nothing while it cannot be said, or nobody can see the door', async () => {
  await look(60_000, 'unknown');
  shelf = null;
  await look(60_000, 'closed');
  expect(written).toEqual([]);
});

it.each(['', '{', '[', 'no JSON'])('takes a record that says %j for none', async (json) => {
  stored = json;
  await look(1_000, 'closed');
  expect(recalled).toEqual([]);
  expect(written.length).toBe(1);
});

it('goes on with what is on record', async () => {
  stored = '{"present":["A1"]}';
  await look(60_000, 'closed');
  expect(recalled).toEqual([{ present: ['A1'] }]);
  expect(written).toEqual([]);
});

it('writes what a visit has left behind the shut door at its end, once', async () => {
  await look(1_000, 'closed');
  await look(2_000, 'closed', true);
  shelf = { present: ['B1'] };
  await look(250, 'closed');
  expect(written).toEqual([{ present: ['A1'] }, { present: ['B1'] }]);
  shelf = { present: ['B2'] };
  await look(5_000, 'closed');
  expect(written.length).toBe(2);
});
