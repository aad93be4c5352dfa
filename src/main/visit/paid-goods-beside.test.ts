import { afterEach, describe, expect, it } from 'vitest';
import { CabinetRig, countOf, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

const [first = '', second = ''] = tagsOf(2);

function makeRig({ count = 12, readsPerSecond = 120 } = {}): CabinetRig {
  const rig = new CabinetRig({ count, readsPerSecond, p: 0.95, ids: ['tag-reader-1'] });
  rigs.push(rig);
  return rig;
}
/** A small one, for what takes long. */
const small = { count: 4, readsPerSecond: 20 };

/** Somebody has paid for two pieces and stands beside the cabinet with them: the reader hears them through the shut door. */
async function paidAndBeside(options: { count?: number; readsPerSecond?: number } = {}): Promise<CabinetRig> {
  const rig = makeRig(options);
  await rig.begin();
  await rig.run(1_000);
  rig.take(0, 2);
  await rig.run(5_000, () => rig.loop.visit.context.basket.itemCount === 2);
  expect(await rig.shut()).toMatchObject({ totalMinor: 200, heldLines: [] });
  comeBeside(rig);
  await rig.run(3_000);
  return rig;
}
function comeBeside(rig: CabinetRig): void {
  for (const epc of [first, second]) rig.inside.add(epc);
}

describe('goods that are paid for and heard beside the cabinet', () => {
  it('are not billed again to the next visit, which began before they were carried away', async () => {
    const rig = await paidAndBeside();
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    rig.take(0, 2);
    await rig.run(5_000);
    expect(rig.loop.visit.context.basket.totalMinor).toBe(0);
    const bill = await rig.shut();
    expect(bill?.totalMinor).toBe(0);
  });

  it('and what the next one takes beside them is billed as ever', async () => {
    const rig = await paidAndBeside();
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    rig.take(0, 3);
    await rig.run(5_000);
    expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
  });

  it('are nobody’s when they are carried away before the next door is opened', async () => {
    const rig = await paidAndBeside();
    expect(await rig.scan()).toBe(true);
    rig.take(0, 2);
    await rig.run(4_000);
    rig.door('open');
    await rig.run(4_000);
    expect(rig.loop.visit.context.basket.itemCount).toBe(0);
    expect(namedOf(await rig.shut())).toBe(0);
    expect(rig.alarms).toEqual([]);
  });

  it('are not told as vanished when they are carried away', async () => {
    const rig = await paidAndBeside();
    await rig.run(20_000);
    rig.take(0, 2);
    await rig.run(120_000);
    expect(rig.alarms).toEqual([]);
  });

  it('though the reader was lost as the door shut, and what was shown is billed', async () => {
    const rig = makeRig();
    await rig.begin();
    await rig.run(1_000);
    rig.take(0, 2);
    await rig.run(5_000, () => rig.loop.visit.context.basket.itemCount === 2);
    for (const reader of rig.readers) reader.state = 'silent';
    rig.health();
    expect(countOf((await rig.shut())?.lines)).toBe(2);
    for (const reader of rig.readers) reader.state = 'ready';
    rig.health();
    comeBeside(rig);
    await rig.run(3_000);
    rig.take(0, 2);
    await rig.run(120_000);
    expect(rig.alarms).toEqual([]);
  });

  it('a restart in the visit after makes no bill of them', async () => {
    const rig = await paidAndBeside();
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    await rig.restart(2_000, () => undefined);
    await rig.run(5_000);
    rig.take(0, 2);
    await rig.run(5_000);
    expect((await rig.shut())?.totalMinor).toBe(0);
  });

  it('are not billed to the next visit after the program has started again meanwhile', async () => {
    const rig = await paidAndBeside();
    await rig.run(15_000, () => rig.loop.visit.state === 'attract');
    await rig.restart(2_000, () => undefined, 'closed');
    await rig.run(20_000);
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    rig.take(0, 2);
    await rig.run(5_000);
    expect((await rig.shut())?.totalMinor).toBe(0);
  });

  it('are sold again when they were given back: heard for long behind the shut door', async () => {
    const rig = await paidAndBeside(small);
    await rig.run(4 * 60_000);
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    rig.take(0, 2);
    await rig.run(5_000);
    expect(await rig.shut()).toMatchObject({ totalMinor: 200, heldLines: [] });
  });

  it('are sold again when staff has had the door open and put them back', async () => {
    const rig = makeRig(small);
    await rig.begin();
    await rig.run(1_000);
    rig.take(0, 2);
    await rig.run(5_000, () => rig.loop.visit.context.basket.itemCount === 2);
    await rig.shut();
    await rig.run(4 * 60_000);
    rig.door('open');
    await rig.run(2_000);
    comeBeside(rig);
    await rig.run(2_000);
    rig.door('closed');
    await rig.run(5_000);
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    rig.take(0, 2);
    await rig.run(5_000);
    expect(await rig.shut()).toMatchObject({ totalMinor: 200, heldLines: [] });
  });

  it('are held, not free, when the next one takes them after all', async () => {
    const rig = await paidAndBeside();
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(3_000);
    rig.take(0, 2);
    await rig.run(5_000);
    expect(namedOf(await rig.shut())).toBe(2);
  });
});

it('what is held against the glass until nothing is charged is told with that visit as it goes', async () => {
  const rig = makeRig();
  await rig.begin();
  await rig.run(1_000);
  const { visitId } = rig.loop.visit.context;
  rig.take(0, 2);
  await rig.run(5_000, () => rig.loop.visit.context.basket.itemCount === 2);
  comeBeside(rig);
  expect(namedOf(await rig.shut())).toBe(0);
  await rig.run(2_000);
  rig.take(0, 2);
  await rig.run(120_000);
  expect([rig.alarms, rig.alarmVisits]).toEqual([['device_fault goods_vanished'], [visitId]]);
});

it('what was billed and lies inside after all, in the shadow of a can, is told with its visit', async () => {
  const rig = makeRig(small);
  await rig.begin();
  await rig.run(1_000);
  const { visitId } = rig.loop.visit.context;
  const heard = rig.readers[0]?.hears ?? (() => true);
  for (const reader of rig.readers) reader.hears = (epc) => epc !== first;
  await rig.run(5_000, () => rig.loop.visit.context.basket.itemCount === 1);
  expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
  await rig.run(60_000);
  for (const reader of rig.readers) reader.hears = heard;
  await rig.run(2 * 60_000);
  expect(rig.alarms).toEqual([]);
  await rig.run(2 * 60_000);
  expect([rig.alarms, rig.alarmVisits]).toEqual([['device_fault goods_found_again'], [visitId]]);
});

it('goods that stay beside the cabinet through somebody else’s visit are not billed to the one after', async () => {
  const rig = await paidAndBeside();
  for (let visit = 1; visit <= 2; visit++) {
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(2_000);
    if (visit === 2) rig.take(0, 2);
    await rig.run(4_000);
    expect((await rig.shut())?.totalMinor).toBe(0);
    await rig.run(1_000);
  }
});

it.each([0, 1_000])('what comes beside it %d ms after a bill is not billed to the next visit', async (ms) => {
  const rig = makeRig();
  const own = [...rig.inside].at(-1) ?? '';
  rig.inside.delete(own);
  await rig.begin();
  await rig.run(2_000);
  await rig.shut();
  await rig.run(ms);
  rig.inside.add(own);
  await rig.run(1_000);
  expect(await rig.scan()).toBe(true);
  rig.door('open');
  await rig.run(1_000);
  rig.inside.delete(own);
  await rig.run(4_000);
  expect((await rig.shut())?.totalMinor).toBe(0);
});

describe('a piece of the same kind that a shopper has brought along', () => {
  /** The last one of the catalogue's pieces is in the shopper's hand, and is heard as they stand before the door. */
  async function broughtAlong(
    heardMs: number,
    { isLetIn = true, ...options }: { count?: number; readsPerSecond?: number; isLetIn?: boolean } = {},
  ): Promise<{ rig: CabinetRig; own: string }> {
    const rig = makeRig(options);
    const own = [...rig.inside].at(-1) ?? '';
    rig.inside.delete(own);
    rig.start();
    await rig.run(60_000);
    rig.inside.add(own);
    await rig.run(heardMs);
    if (isLetIn) expect(await rig.scan()).toBe(true);
    return { rig, own };
  }

  it.each([500, 3_000, 60_000])(
    'is not billed when it is put into a bag behind the open door (heard for %d ms)',
    async (heardMs) => {
      const { rig, own } = await broughtAlong(heardMs);
      rig.door('open');
      await rig.run(1_000);
      rig.inside.delete(own);
      rig.take(0, 1);
      await rig.run(5_000);
      expect(rig.loop.visit.context.basket.totalMinor).toBe(100);
      expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
    },
  );

  it('is no loss when it is put into a bag before the door is opened', async () => {
    const { rig, own } = await broughtAlong(3_000);
    rig.inside.delete(own);
    await rig.run(4_000);
    rig.door('open');
    await rig.run(4_000);
    expect(rig.loop.visit.context.basket.itemCount).toBe(0);
    expect(namedOf(await rig.shut())).toBe(0);
  });

  it.each([0, 2_000])(
    'that was not heard for a moment as its shopper came in is not billed (power cut: %d ms)',
    async (darkMs) => {
      const { rig, own } = await broughtAlong(15_000, { isLetIn: false });
      rig.inside.delete(own);
      await rig.run(4_000);
      if (darkMs > 0) {
        await rig.restart(darkMs, () => undefined, 'closed');
        await rig.run(20_000);
      }
      expect(await rig.scan()).toBe(true);
      rig.inside.add(own);
      await rig.run(1_000);
      rig.door('open');
      await rig.run(1_000);
      rig.inside.delete(own);
      await rig.run(5_000);
      expect((await rig.shut())?.totalMinor).toBe(0);
    },
  );

  it('that no catalogue knows (a garment) makes nobody look at the purchase', async () => {
    const rig = makeRig();
    const garment = '303400000000000000000001';
    rig.start();
    await rig.run(60_000);
    rig.inside.add(garment);
    await rig.run(3_000);
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(1_000);
    rig.take(0, 1);
    rig.inside.delete(garment);
    await rig.run(5_000);
    expect(await rig.shut()).toMatchObject({ totalMinor: 100, heldLines: [], review: [] });
    expect(rig.alarms).toEqual([]);
  });

  it('that lies inside after all is sold once it was heard for long', async () => {
    const { rig, own } = await broughtAlong(4 * 60_000, small);
    rig.door('open');
    await rig.run(1_000);
    rig.inside.delete(own);
    await rig.run(5_000);
    expect(await rig.shut()).toMatchObject({ totalMinor: 100, heldLines: [] });
  });
});
