import { afterEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

function makeRig(): CabinetRig {
  const rig = new CabinetRig({ count: 20, readsPerSecond: 200, p: 0.95 });
  rigs.push(rig);
  return rig;
}
/** So many of the tags are heard by nobody any more. */
function deafen(rig: CabinetRig, count: number): void {
  const unheard = new Set(tagsOf(count));
  for (const reader of rig.readers) reader.hears = (epc) => !unheard.has(epc);
}
const told = ['device_fault goods_vanished'];

it.each([20, 10, 5, 1])(
  '%i of 20 fall silent behind a shut door and are never heard again: told, and on no charge',
  async (count) => {
    const rig = makeRig();
    rig.start();
    await rig.run(60_000);
    deafen(rig, count);
    await rig.run(60_000);
    expect(rig.alarms).toEqual(told);
    expect(await rig.scan()).toBe(true);
    expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20, confidence: 0.5 }]);
    rig.door('open');
    for (const epc of tagsOf(count)) rig.inside.delete(epc);
    await rig.run(10_000);
    // Nobody is shown as taken what was silent before they came.
    expect(rig.loop.visit.context.basket.itemCount).toBe(0);
    const { visitId } = rig.loop.visit.context;
    const bill = await rig.shut();
    expect(bill).toMatchObject({ totalMinor: 0, heldLines: [], review: [] });
    // Whether this shopper has them, or who was here before, nobody can know: staff is told whose door it was.
    expect(rig.alarms).toEqual([...told, ...told]);
    expect(rig.alarmVisits).toEqual([null, visitId]);
    expect(visitId).not.toBeNull();
    await rig.run(120_000, () => rig.loop.visit.state === 'attract');
    // A cabinet in which nothing is heard any more lets nobody in.
    expect(await rig.scan()).toBe(count < 20);
    if (count < 20) expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 20 - count }]);
    else expect(rig.loop.availability.availability).toMatchObject({ reason: 'nothing_heard' });
  },
);

it('what is taken beside goods in doubt is billed as ever', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  deafen(rig, 5);
  await rig.run(60_000);
  await rig.scan();
  rig.door('open');
  for (const epc of tagsOf(7)) rig.inside.delete(epc);
  await rig.run(10_000, () => rig.loop.visit.context.basket.itemCount === 2);
  const bill = await rig.shut();
  expect(bill?.totalMinor).toBe(200);
  expect(namedOf(bill)).toBe(2);
});

it('goods that are heard again are in doubt no more: they are sold, and nobody is held for them', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  deafen(rig, 10);
  await rig.run(60_000);
  await rig.scan();
  rig.door('open');
  deafen(rig, 0);
  await rig.run(2_000);
  rig.inside.delete(tagsOf(1)[0] ?? '');
  await rig.run(10_000, () => rig.loop.visit.context.basket.itemCount === 1);
  expect(await rig.shut()).toMatchObject({ totalMinor: 100, heldLines: [], review: [] });
});

it.each(['on and on', 'beginning anew before each visit'])(
  'what one visit has left in doubt is asked of no other; staff is told of the 1st and the 4th after it too: %s',
  async (how) => {
    const rig = makeRig();
    rig.start();
    await rig.run(60_000);
    deafen(rig, 10);
    await rig.run(60_000);
    const visitIds: (string | null)[] = [];
    for (let visit = 1; visit <= 6; visit++) {
      if (how !== 'on and on') await rig.restart(10_000, () => undefined, 'closed');
      await rig.run(30_000);
      expect(await rig.scan()).toBe(true);
      visitIds.push(rig.loop.visit.context.visitId);
      rig.door('open');
      await rig.run(2_000);
      expect(namedOf(await rig.shut())).toBe(0);
      await rig.run(120_000, () => rig.loop.visit.state === 'attract');
      await rig.run(20_000);
    }
    expect(new Set(rig.alarms)).toEqual(new Set(told));
    expect(rig.alarmVisits).toEqual([null, visitIds[0], visitIds[1], visitIds[4]]);
  },
);

it('staff is told of no later visit once they are heard', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  deafen(rig, 10);
  await rig.run(60_000);
  for (let visit = 1; visit <= 2; visit++) {
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(2_000);
    await rig.shut();
    await rig.run(120_000, () => rig.loop.visit.state === 'attract');
    deafen(rig, 0);
    await rig.run(20_000);
  }
  expect(rig.alarms).toEqual([...told, ...told]);
});

it('goods in doubt that are heard while the door is open, and fall silent again, are taken', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  deafen(rig, 5);
  await rig.run(60_000);
  await rig.scan();
  rig.door('open');
  await rig.run(2_000);
  // A hand moves them past the antenna and out.
  deafen(rig, 0);
  await rig.run(1_000);
  for (const epc of tagsOf(5)) rig.inside.delete(epc);
  await rig.run(10_000, () => rig.loop.visit.context.basket.itemCount === 5);
  expect(namedOf(await rig.shut())).toBe(5);
});

it("goods that fall silent after the shelf was read, before the door is opened, are nobody's either", async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  expect(await rig.scan()).toBe(true);
  deafen(rig, 2);
  await rig.run(5_000);
  rig.door('open');
  await rig.run(10_000);
  expect(rig.loop.visit.context.basket.itemCount).toBe(0);
  expect(namedOf(await rig.shut())).toBe(0);
  expect(rig.alarms).toEqual(told);
});

it('one stray read of goods in doubt is no return: they are not shown as taken', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  deafen(rig, 2);
  await rig.run(60_000);
  await rig.scan();
  rig.door('open');
  await rig.run(2_000);
  const atMs = rig.clock.monotonicMs();
  rig.loop.deviceEvent({ type: 'tags', reads: [{ epc: tagsOf(1)[0] ?? '', rssiDbm: null, atMs }], atMs });
  expect(rig.loop.visit.context.basket.itemCount).toBe(0);
  await rig.run(10_000);
  expect(rig.loop.visit.context.basket.itemCount).toBe(0);
  expect(namedOf(await rig.shut())).toBe(0);
});

it('goods that staff takes out through an open door are no doubt', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  rig.door('open');
  await rig.run(1_000);
  for (const epc of tagsOf(10)) rig.inside.delete(epc);
  await rig.run(1_000);
  rig.door('closed');
  await rig.run(60_000);
  expect(rig.alarms).not.toContain(told[0]);
  expect(await rig.scan()).toBe(true);
  expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 10 }]);
});

it.each([20, 1])(
  'a contact that is stuck at "shut": %i pieces that leave behind it are told',
  async (count) => {
    const rig = makeRig();
    rig.start();
    await rig.run(60_000);
    await rig.scan();
    await rig.run(120_000, () => ['nothingCharged', 'attract'].includes(rig.loop.visit.state));
    expect(rig.alarms).toEqual([]);
    for (const epc of tagsOf(count)) rig.inside.delete(epc);
    await rig.run(120_000);
    expect(rig.alarms).toEqual(told);
  },
);

it('a contact that is stuck at "shut" while the shopper takes: a human looks, and nobody is told twice', async () => {
  const rig = makeRig();
  rig.start();
  await rig.run(60_000);
  await rig.scan();
  await rig.run(1_000);
  for (const epc of tagsOf(3)) rig.inside.delete(epc);
  await rig.run(60_000, () => rig.loop.visit.state === 'receipt');
  expect(rig.loop.visit.context.bill).toMatchObject({ totalMinor: 0, heldLines: [{ count: 3 }] });
  await rig.run(120_000);
  expect(rig.alarms).toEqual([]);
});
