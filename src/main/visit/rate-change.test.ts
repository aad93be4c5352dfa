import { afterEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

function makeRig(options: ConstructorParameters<typeof CabinetRig>[0]): CabinetRig {
  const rig = new CabinetRig(options);
  rigs.push(rig);
  return rig;
}
function setRate(rig: CabinetRig, readsPerSecond: number): void {
  for (const reader of rig.readers) reader.readsPerSecond = readsPerSecond;
}

it.each([
  { count: 20, readsPerSecond: 200, p: 0.95, slower: 20 },
  { count: 20, readsPerSecond: 200, p: 0.95, slower: 5 },
  { count: 40, readsPerSecond: 200, p: 0.7, slower: 40 },
  { count: 60, readsPerSecond: 100, p: 0.9, slower: 20 },
  { count: 5, readsPerSecond: 200, p: 0.95, slower: 10 },
])('a reader becomes slow during a visit: who took nothing pays nothing: %o', async (one) => {
  const rig = makeRig(one);
  await rig.begin();
  await rig.run(2_000);
  setRate(rig, one.slower);
  await rig.run(5_000);
  expect((await rig.shut())?.totalMinor).toBe(0);
});

it('a reader becomes ten times slower: nothing is shown as taken that lies there', async () => {
  const rig = makeRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  await rig.begin();
  await rig.run(2_000);
  setRate(rig, 20);
  for (let turn = 0; turn < 40; turn++) {
    await rig.run(500);
    expect(rig.loop.visit.context.basket.itemCount).toBe(0);
  }
});

it.each([0, 300, 1_000])('it becomes slow %i ms before the door is shut: nothing is billed', async (ms) => {
  const rig = makeRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  await rig.begin();
  await rig.run(2_000);
  setRate(rig, 20);
  await rig.run(ms);
  expect((await rig.shut())?.totalMinor).toBe(0);
});

it.each([100, 300])('a bag with %i strange tags beside the open door: nothing is billed', async (bag) => {
  const rig = makeRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  await rig.begin();
  await rig.run(2_000);
  for (let i = 0; i < bag; i++) rig.inside.add(`3034${String(i).padStart(20, '0')}`);
  await rig.run(3_000);
  expect((await rig.shut())?.totalMinor).toBe(0);
});

it.each([
  { count: 20, readsPerSecond: 200, p: 0.95, slower: 20 },
  { count: 20, readsPerSecond: 200, p: 0.95, slower: 30 },
  { count: 50, readsPerSecond: 200, p: 0.95, slower: 40 },
])('it has become slow between two visits: all is in the baseline, or nobody is let in: %o', async (one) => {
  const rig = makeRig(one);
  rig.start();
  await rig.run(60_000);
  setRate(rig, one.slower);
  await rig.run(600_000);
  if (!(await rig.scan())) return;
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: one.count }]);
  rig.door('open');
  await rig.run(2_000);
  for (const epc of tagsOf(one.count)) rig.inside.delete(epc);
  await rig.run(30_000);
  expect(namedOf(await rig.shut())).toBe(one.count);
});

it('a reader that becomes quick again tells as quickly as before', async () => {
  const rig = makeRig({ count: 20, readsPerSecond: 20, p: 0.95 });
  await rig.begin();
  setRate(rig, 200);
  await rig.run(20_000);
  for (const epc of tagsOf(2)) rig.inside.delete(epc);
  await rig.run(2_000, () => rig.loop.visit.context.basket.itemCount === 2);
  expect((await rig.shut())?.totalMinor).toBe(200);
});
