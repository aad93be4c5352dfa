import { afterEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});

const soldOut = { state: 'outOfService', reason: 'nothing_heard' };
/** Why the cabinet does not sell, as staff was told. */
const toldWhy = (): string[] => rig.alarms.filter((alarm) => alarm.includes('nothing_heard'));

/** A cabinet that staff fills, before whose goods the reader works as said before and after it. */
async function fill(before: boolean, after: boolean): Promise<void> {
  rig = new CabinetRig({ count: 24, readsPerSecond: 100, p: 0.9 });
  const [reader] = rig.readers;
  if (reader === undefined) throw new Error('no reader');
  reader.hears = () => before;
  rig.start();
  await rig.run(60_000);
  rig.door('open');
  await rig.run(20_000);
  reader.hears = () => after;
  await rig.run(40_000);
  rig.door('closed');
  await rig.run(600_000);
}

it('a reader that hears its goods: what is taken is named', async () => {
  await fill(true, true);
  expect(await rig.scan()).toBe(true);
  rig.door('open');
  await rig.run(2_000);
  for (const epc of tagsOf(12)) rig.inside.delete(epc);
  await rig.run(10_000);
  expect(namedOf(await rig.shut())).toBe(12);
  expect(toldWhy()).toEqual([]);
});

it.each([
  ['since the cabinet was put up', false],
  ['since staff filled the cabinet (a plug was pulled off the antenna)', true],
])('a reader that has heard no goods %s: nobody is let in, staff is told once', async (_, before) => {
  await fill(before, false);
  expect(rig.loop.availability.availability).toMatchObject(soldOut);
  expect(await rig.scan()).toBe(false);
  await rig.run(900_000);
  expect(toldWhy()).toHaveLength(1);
  // The plug is put on again.
  for (const reader of rig.readers) reader.hears = () => true;
  await rig.run(10_000);
  expect(rig.loop.availability.availability.state).toBe('available');
});

it.each([
  ['at once', 0],
  ['a minute later', 60_000],
])('the last piece is sold, the next one comes %s: sold out, and no fault', async (_, laterMs) => {
  rig = new CabinetRig({ count: 1, readsPerSecond: 100, p: 0.9 });
  await rig.begin();
  await rig.run(2_000);
  rig.take(0, 1);
  await rig.run(10_000);
  expect(await rig.shut()).toMatchObject({ totalMinor: 100, review: [] });
  await rig.run(120_000, () => ['attract', 'outOfService'].includes(rig.loop.visit.state));
  await rig.run(laterMs);
  expect(await rig.scan()).toBe(false);
  expect(rig.loop.visit.state).toBe('outOfService');
  expect(rig.loop.availability.availability).toMatchObject(soldOut);
  // Staff fills it: it sells again by itself.
  rig.door('open');
  await rig.run(10_000);
  rig.inside.add(tagsOf(1)[0] ?? '');
  await rig.run(10_000);
  rig.door('closed');
  await rig.run(10_000);
  expect(await rig.scan()).toBe(true);
});
