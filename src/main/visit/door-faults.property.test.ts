import { expect, it } from 'vitest';
import { isLongRun } from '../../testkit/long-run.ts';
import { skuOfTag, ShopperAtDoor } from '../../testkit/main/visit/shopper-at-door.ts';

/** One visit at a lock that falls silent, a device host that ends, a power that fails and goods that no antenna hears. */
async function play(seed: number): Promise<ShopperAtDoor> {
  const shopper = new ShopperAtDoor(seed);
  const pause = (): Promise<void> => shopper.wait(shopper.oneOf([200, 600, 1_000, 3_000, 5_000, 8_000]));
  const maybe = (chance: number, then: () => Promise<void>): Promise<void> =>
    shopper.random() < chance ? then() : Promise.resolve();
  const trouble = (): Promise<void> =>
    shopper.oneOf([
      () => shopper.loseOrFindLock(),
      () => shopper.endHost(),
      () => shopper.cutPower(),
      () => shopper.blindSome(),
      () => shopper.hearAll(),
    ])();
  try {
    await shopper.comeIn();
    for (let step = Math.floor(shopper.random() * 4); step > 0 && shopper.isInTime(); step--) {
      await pause();
      if (shopper.isInTime()) await trouble();
    }
    // Too late: the bolt is released, and the visit is over.
    await maybe(0.1, () => shopper.wait(40_000));
    shopper.pull();
    // Before the lock says that it is open.
    await maybe(0.5, trouble);
    for (let step = Math.floor(shopper.random() * 3); step >= 0; step--) {
      await maybe(0.7, pause);
      shopper.takeSome();
      await maybe(0.7, pause);
      await maybe(0.4, trouble);
    }
    shopper.shut();
    for (let step = 0; step < 2; step++) {
      await maybe(0.5, pause);
      await maybe(0.4, trouble);
    }
    await shopper.leave();
    return shopper;
  } finally {
    shopper.remove();
  }
}

it('whatever is not read: billed is what was taken and shown; what is gone is billed, held or told', async () => {
  const seedCount = isLongRun ? 600 : 30;
  let inFull = 0;
  let isHeld = 0;
  for (let seed = 1; seed <= seedCount; seed++) {
    const { taken, bill, billed, held, alarms, shownMinor, story } = await play(seed);
    expect(taken, `seed ${seed}: ${story}`).toEqual(expect.arrayContaining(billed));
    expect(bill?.totalMinor ?? 0, `seed ${seed}: ${story}`).toBeLessThanOrEqual(shownMinor);
    const unnamed = taken.filter((epc) => !billed.includes(epc) && !held.includes(epc));
    expect(
      unnamed.length === 0 || alarms.length > 0,
      `seed ${seed}: ${story}; without a word: ${unnamed.map(skuOfTag).join(' ')}`,
    ).toBe(true);
    if (taken.length > 0 && billed.length === taken.length) inFull++;
    if (held.length > 0) isHeld++;
  }
  expect(inFull).toBeGreaterThan(seedCount / 3);
  expect(isHeld).toBeGreaterThan(seedCount / 12);
});
