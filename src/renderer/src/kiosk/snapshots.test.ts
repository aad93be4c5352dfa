import { expect, it } from 'vitest';
import { FakeClock } from '../../../shared/clock.ts';
import type { KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';
import { snapshotOf } from '../testing/snapshots.ts';
import { subscribeToSnapshots } from './snapshots.ts';

const seen = (seq: number): KioskSnapshot => snapshotOf({ screen: 'attract' }, { seq });

function page() {
  const clock = new FakeClock();
  const taken: number[] = [];
  const asked: { answer: (result: unknown) => void }[] = [];
  const listeners = new Set<(snapshot: KioskSnapshot) => void>();
  const api = {
    on: (_name: string, listener: (snapshot: KioskSnapshot) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Pick<KioskApi, 'on'>;
  const getSnapshot = (() =>
    new Promise((answer) => asked.push({ answer }))) as unknown as KioskApi['visit']['getSnapshot'];
  const stop = subscribeToSnapshots(getSnapshot, api, clock, ({ seq }) => taken.push(seq));
  const change = (seq: number): void => {
    for (const listener of listeners) listener(seen(seq));
  };
  const answer = async (seq: number | null): Promise<void> => {
    asked.shift()?.answer(seq === null ? { ok: false, error: {} } : { ok: true, value: seen(seq) });
    await clock.advance(0);
  };
  return { clock, taken, asked, change, answer, stop };
}

it('begins with what it asked for, and takes each change as it comes', async () => {
  const { taken, change, answer, stop } = page();
  await answer(7);
  change(8);
  change(9);
  stop();
  change(10);
  expect(taken).toEqual([7, 8, 9]);
});

it('goes on when main has begun anew behind it, and counts from one again', async () => {
  const { taken, change, answer } = page();
  await answer(400);
  change(0);
  change(1);
  change(2);
  expect(taken).toEqual([400, 0, 1, 2]);
});

it('leaves an answer that comes behind a change', async () => {
  const { taken, change, answer } = page();
  change(9);
  await answer(8);
  expect(taken).toEqual([9]);
});

it('asks again until main is ready', async () => {
  const { clock, taken, asked, answer } = page();
  await answer(null);
  expect(asked).toHaveLength(0);
  await clock.advance(500);
  await answer(3);
  await clock.advance(5_000);
  expect([taken, asked.length]).toEqual([[3], 0]);
});
