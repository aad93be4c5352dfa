import { afterEach, describe, expect, it } from 'vitest';
import type { Bill } from '../../core/basket/basket.ts';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** Somebody has had the door open without a visit: staff, or a bolt that had not caught (ADR 0122). */
const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

const [first = '', second = ''] = tagsOf(2);

/** A visit has begun, and its door is open. */
async function begun(): Promise<CabinetRig> {
  const rig = new CabinetRig({ count: 8, readsPerSecond: 60, p: 0.95, ids: ['tag-reader-1'] });
  rigs.push(rig);
  await rig.begin();
  return rig;
}
/** Until the screen says so. */
async function takesTwo(rig: CabinetRig): Promise<void> {
  await rig.run(1_000);
  rig.take(0, 2);
  await rig.run(5_000, () => rig.loop.visit.context.basket.itemCount === 2);
}

/** Two pieces were bought, and their buyer has gone; so much later the door is opened and shut again. */
async function boughtThenOpened(
  afterMs: number,
  meanwhile: (rig: CabinetRig) => void = () => undefined,
): Promise<CabinetRig> {
  const rig = await begun();
  await takesTwo(rig);
  expect(await rig.shut()).toMatchObject({ totalMinor: 200, heldLines: [] });
  await rig.run(afterMs);
  rig.door('open');
  await rig.run(2_000);
  meanwhile(rig);
  await rig.run(2_000);
  rig.door('closed');
  return rig;
}
function comeBeside(rig: CabinetRig): void {
  for (const epc of [first, second]) rig.inside.add(epc);
}
/** The next visit, in which what is heard beside the cabinet goes away behind the open door. */
async function billOfVisitIn(rig: CabinetRig): Promise<Bill | null> {
  expect(await rig.scan()).toBe(true);
  rig.door('open');
  await rig.run(1_000);
  rig.take(0, 2);
  await rig.run(5_000);
  return rig.shut();
}

describe('what was bought before it', () => {
  it.each([3_000, 60_000])('and is carried past later is not billed again (heard for %d ms)', async (ms) => {
    const rig = await boughtThenOpened(240_000);
    await rig.run(60_000);
    comeBeside(rig);
    await rig.run(ms);
    expect((await billOfVisitIn(rig))?.totalMinor).toBe(0);
  });

  it.each([0, 1_000, 20_000])('and is held before the cabinet %d ms after it, is not billed', async (ms) => {
    const rig = await boughtThenOpened(1_000);
    await rig.run(ms);
    comeBeside(rig);
    await rig.run(2_000);
    expect((await billOfVisitIn(rig))?.totalMinor).toBe(0);
  });

  it('and was put back meanwhile by staff is sold again, and no purchase is said to be wrong', async () => {
    const rig = await boughtThenOpened(240_000, comeBeside);
    await rig.run(240_000);
    expect(rig.alarms.filter((alarm) => alarm.includes('found'))).toEqual([]);
    expect(await billOfVisitIn(rig)).toMatchObject({ totalMinor: 200, heldLines: [] });
  });

  it('the same where it was heard beside the cabinet before', async () => {
    const rig = await begun();
    await takesTwo(rig);
    await rig.shut();
    comeBeside(rig);
    await rig.run(3_000);
    rig.take(0, 2);
    await rig.run(240_000);
    rig.door('open');
    await rig.run(2_000);
    comeBeside(rig);
    await rig.run(2_000);
    rig.door('closed');
    await rig.run(240_000);
    expect(rig.alarms.filter((alarm) => alarm.includes('found'))).toEqual([]);
    expect(await billOfVisitIn(rig)).toMatchObject({ totalMinor: 200, heldLines: [] });
  });
});

it('what staff has taken out, and carries past later, is not billed to whoever shops then', async () => {
  const rig = await begun();
  await rig.run(2_000);
  expect(namedOf(await rig.shut())).toBe(0);
  await rig.run(60_000);
  rig.door('open');
  await rig.run(2_000);
  rig.take(0, 2);
  await rig.run(4_000);
  rig.door('closed');
  await rig.run(60_000);
  comeBeside(rig);
  await rig.run(3_000);
  expect((await billOfVisitIn(rig))?.totalMinor).toBe(0);
});

it('who does not pull is asked for nothing that was heard beside the cabinet and has gone', async () => {
  const rig = await begun();
  await takesTwo(rig);
  await rig.shut();
  comeBeside(rig);
  await rig.run(3_000);
  expect(await rig.scan()).toBe(true);
  await rig.run(1_000);
  rig.take(0, 2);
  await rig.run(
    60_000,
    () => rig.loop.visit.state === 'nothingCharged' || rig.loop.visit.state === 'receipt',
  );
  expect([rig.loop.visit.state, namedOf(rig.loop.visit.context.bill)]).toEqual(['nothingCharged', 0]);
});
