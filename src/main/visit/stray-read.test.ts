import { afterEach, describe, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

const piece = tagsOf(6)[5] ?? '';

/** A cabinet whose shopper has the door open. */
async function begun(options: ConstructorParameters<typeof CabinetRig>[0]): Promise<CabinetRig> {
  const rig = new CabinetRig(options);
  rigs.push(rig);
  await rig.begin();
  return rig;
}

/** `piece` has left; the screen says so, and the shopper has confirmed it, if they are asked to. */
async function taken(rig: CabinetRig, isConfirmed = true): Promise<void> {
  rig.inside.delete(piece);
  await rig.run(60_000, () => rig.loop.visit.context.basket.itemCount === 1);
  await rig.run(500);
  if (isConfirmed) expect(rig.loop.confirm(rig.loop.visit.context.basket.revision)).toBe(true);
}

/** The reader says once that it has heard `piece`, wherever that is. */
function readOnce(rig: CabinetRig): void {
  const atMs = rig.clock.monotonicMs();
  const { id } = rig.readers[0] ?? { id: null };
  const from = id === null ? {} : { deviceId: id };
  rig.loop.deviceEvent({ type: 'tags', ...from, reads: [{ epc: piece, rssiDbm: null, atMs }], atMs });
}

/** Nothing is billed, and a human looks at the piece. */
const looked = { lines: [], heldLines: [{ count: 1 }], review: ['recognition.differs_from_confirmed'] };
/** The quick reader, one that carries 60 tags slowly, and one of which two stand in the cabinet. */
const readers = [
  { count: 24, readsPerSecond: 200, p: 0.95 },
  { count: 24, readsPerSecond: 200, p: 0.7 },
  { count: 60, readsPerSecond: 60, p: 0.95 },
  { count: 24, readsPerSecond: 100, p: 0.95, ids: ['left', 'right'] },
];
const times = [50, 150, 250, 400];

describe('a piece that was taken, and is read once after the door has shut', () => {
  it.each(readers.flatMap((reader) => times.map((ms) => ({ ...reader, ms }))))(
    'is looked at, neither billed nor free: %o',
    async ({ ms, ...reader }) => {
      const rig = await begun(reader);
      await taken(rig);
      rig.door('closed');
      await rig.run(ms);
      readOnce(rig);
      await rig.run(60_000, () => rig.loop.visit.state !== 'checking');
      expect(rig.loop.visit).toMatchObject({ state: 'receipt', context: { bill: looked } });
      // Nobody is told of goods that went through a shut door, and nobody else pays for it.
      await rig.run(60_000, () => rig.loop.visit.state === 'attract');
      await rig.run(60_000);
      expect(rig.alarms).toEqual([]);
      expect(await rig.scan()).toBe(true);
      expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: reader.count - 1 }]);
    },
  );

  it.each([false, true])(
    'several times in the same moment is no more than once; confirmed: %s',
    async (is) => {
      const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95 });
      await taken(rig, is);
      rig.door('closed');
      await rig.run(100);
      for (const ms of [100, 100, 50]) {
        readOnce(rig);
        readOnce(rig);
        await rig.run(ms);
      }
      await rig.run(60_000, () => rig.loop.visit.state !== 'checking');
      expect(rig.loop.visit.context.bill).toMatchObject(looked);
    },
  );

  it('by a quick hand, before its silence said anything: it is looked at', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95, seed });
      await rig.run(3_000);
      rig.inside.delete(piece);
      await rig.run(100);
      rig.door('closed');
      await rig.run(150);
      readOnce(rig);
      await rig.run(60_000, () => rig.loop.visit.state !== 'checking');
      expect(rig.loop.visit.context.bill).toMatchObject(looked);
    }
  });

  it('before it opens again: what was read after the first closing counts no more', async () => {
    const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95 });
    await taken(rig);
    rig.door('closed');
    await rig.run(100);
    readOnce(rig);
    await rig.run(100);
    rig.door('open');
    await rig.run(3_000);
    expect(rig.loop.confirm(rig.loop.visit.context.basket.revision)).toBe(true);
    expect(await rig.shut()).toMatchObject({ totalMinor: 100, heldLines: [] });
  });

  it('after it has opened and shut again: it is looked at', async () => {
    const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95 });
    await taken(rig);
    rig.door('closed');
    await rig.run(300);
    rig.door('open');
    await rig.run(300);
    rig.door('closed');
    await rig.run(100);
    readOnce(rig);
    await rig.run(60_000, () => rig.loop.visit.state !== 'checking');
    expect(rig.loop.visit.context.bill).toMatchObject(looked);
  });

  it.each(times)(
    'and by a program that has started again meanwhile, %d ms later: it is looked at',
    async (ms) => {
      const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95 });
      await taken(rig);
      rig.door('closed');
      await rig.run(300);
      await rig.restart(2_000, () => undefined, 'closed');
      await rig.run(ms);
      readOnce(rig);
      await rig.run(60_000, () => rig.loop.visit.state !== 'checking');
      expect(rig.loop.visit.context.bill).toMatchObject(looked);
    },
  );

  it('before the program starts again: the shelf is read anew, and it is not free', async () => {
    const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95 });
    await taken(rig);
    rig.door('closed');
    await rig.run(100);
    readOnce(rig);
    await rig.restart(2_000, () => undefined, 'closed');
    await rig.run(60_000, () => rig.loop.visit.state === 'receipt');
    expect(namedOf(rig.loop.visit.context.bill)).toBe(1);
  });

  it('after the bill was made: it stays billed, and staff is not told of goods that have vanished', async () => {
    const rig = await begun({ count: 24, readsPerSecond: 200, p: 0.95 });
    await taken(rig);
    expect(await rig.shut()).toMatchObject({ totalMinor: 100, heldLines: [] });
    await rig.run(500);
    readOnce(rig);
    await rig.run(120_000);
    expect(rig.alarms).toEqual([]);
    await rig.scan();
    expect(rig.loop.visit.context.baseline?.lines).toMatchObject([{ quantity: 23 }]);
  });
});

describe('a piece that is put back just before the door shuts', () => {
  it.each(readers.flatMap((reader) => [0, 50, 300].map((ms) => ({ ...reader, ms }))))(
    'is on no charge: %o',
    async ({ ms, ...reader }) => {
      for (let seed = 1; seed <= 5; seed++) {
        const rig = await begun({ ...reader, seed });
        await taken(rig);
        rig.inside.add(piece);
        await rig.run(ms);
        expect(namedOf(await rig.shut())).toBe(0);
        expect(rig.loop.visit.state).toBe('nothingCharged');
      }
    },
  );
});

it('what was never taken and is hardly heard is on no charge', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const rig = new CabinetRig({ count: 24, readsPerSecond: 200, p: 0.95, seed });
    rigs.push(rig);
    for (const reader of rig.readers) reader.hears = (epc) => epc !== piece || rig.random() < 0.5;
    await rig.begin();
    await rig.run(3_000);
    expect(namedOf(await rig.shut())).toBe(0);
  }
});
