import { expect, test } from 'vitest';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** A cabinet whose shelves are weighed: goods are known by tags and weights together (ADR 0143). */

const testTimeoutMs = 60_000;
const { operator } = await startOperatorForFile();

async function weighed(isScalePhysical = false): Promise<CabinetHarness> {
  const harness = await CabinetHarness.open(operator, {
    simulator: { devices: { scale: 'scale-modbus', isScalePhysical } },
    isWeighed: true,
  });
  await harness.until('the kiosk holds the scale', () => harness.devices.view('scale')?.attached === true);
  // Every lane has rested before somebody comes.
  await harness.sleep(2_000);
  return harness;
}

const linesOf = (lines: readonly { sku: string; count: number }[] = []): string[] =>
  lines.map(({ sku, count }) => `${count} ${sku}`).sort();

test('what is taken is on the screen by weight, and billed unasked', { timeout: testTimeoutMs }, async () => {
  const harness = await weighed();
  try {
    await harness.enter();
    // Its tag is hardly heard: the scale is the first to know.
    harness.world.tearOff({ sku: 'cola-can' });
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    const shown = (): string | undefined => harness.context.basket.lines[0]?.confidence;
    expect(shown()).toBe('leaving');
    expect(harness.confirm()).toBe(true);
    const { revision } = harness.context.basket;
    harness.world.sweepOut();
    await harness.until('a tag agrees', () => shown() === 'certain');
    expect(harness.context.basket.revision).toBe(revision);
    expect(harness.state).toBe('confirmed');
    harness.shopper.shut();
    await harness.waitState('receipt');
    const { bill } = harness.context;
    expect(linesOf(bill?.lines)).toEqual(['1 cola-can']);
    expect(bill).toMatchObject({ heldLines: [], review: [] });
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
    expect(await harness.charges()).toMatchObject([{ state: 'paid', debitCount: 1 }]);
  } finally {
    await harness.close();
  }
});

test('a tag that is shielded while its weight is there is no sale', { timeout: testTimeoutMs }, async () => {
  const harness = await weighed();
  try {
    await harness.enter();
    expect(harness.world.cover({ sku: 'milk-box' }).ok).toBe(true);
    harness.shopper.take('cola-can');
    await harness.waitBasket(harness.priceOf('cola-can'));
    await harness.sleep(3_000);
    expect(harness.context.basket.lines.map(({ sku }) => sku)).toEqual(['cola-can']);
    await harness.confirmAndLeave();
    await harness.waitSettled();
    expect(await harness.audit()).toEqual([]);
    expect(await harness.charges()).toMatchObject([{ totalMinor: harness.priceOf('cola-can') }]);
  } finally {
    await harness.close();
  }
});

test(
  'the scale is unplugged with the door open: people look, and nothing is billed',
  { timeout: testTimeoutMs },
  async () => {
    const harness = await weighed();
    try {
      await harness.enter();
      harness.unplug('scale');
      harness.shopper.take('cola-can');
      // By its tag, as in a cabinet without scales.
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.shopper.shut();
      await harness.waitState('receipt');
      const { bill } = harness.context;
      expect(linesOf(bill?.lines)).toEqual([]);
      expect(linesOf(bill?.heldLines)).toEqual(['1 cola-can']);
    } finally {
      await harness.close();
    }
  },
);

test(
  'the program ends in the middle: what each scale rested at is remembered',
  { timeout: testTimeoutMs },
  async () => {
    const harness = await weighed();
    try {
      await harness.enter();
      harness.shopper.take('cola-can');
      await harness.waitBasket(harness.priceOf('cola-can'));
      harness.crash();
      harness.shopper.take('rice-ball');
      harness.start();
      await harness.waitBasket(harness.priceOf('cola-can') + harness.priceOf('rice-ball'));
      harness.shopper.shut();
      await harness.waitState('receipt');
      const { bill } = harness.context;
      expect([...linesOf(bill?.lines), ...linesOf(bill?.heldLines)].sort()).toEqual([
        '1 cola-can',
        '1 rice-ball',
      ]);
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
    } finally {
      await harness.close();
    }
  },
);

test.each([
  ['scales as they should be', false],
  ['scales with noise, whose every report is another', true],
])(
  'a tag that is torn off, before %s: its weight has left, and people look',
  { timeout: testTimeoutMs },
  async (_, isReal) => {
    const harness = await weighed(isReal);
    try {
      await harness.enter();
      expect(harness.world.tearOff({ sku: 'cola-can' }).ok).toBe(true);
      harness.shopper.take('cola-can');
      harness.shopper.take('rice-ball');
      await harness.waitBasket(harness.priceOf('cola-can') + harness.priceOf('rice-ball'));
      harness.shopper.shut();
      await harness.waitState('receipt');
      const { bill } = harness.context;
      // One doubtful line holds no other.
      expect(linesOf(bill?.lines)).toEqual(['1 rice-ball']);
      expect(linesOf(bill?.heldLines)).toEqual(['1 cola-can']);
    } finally {
      await harness.close();
    }
  },
);

function questionOf(harness: CabinetHarness): { sku: string; count: number } | null {
  const { visit } = harness.snapshot();
  return visit.screen === 'checking' ? visit.question : null;
}

/** The reader is lost with the door open: that a can has left is known by its weight alone. */
async function knownByWeight(harness: CabinetHarness): Promise<void> {
  await harness.enter();
  harness.unplug('tag-reader');
  harness.shopper.take('cola-can');
  await harness.waitBasket(harness.priceOf('cola-can'));
  harness.shopper.shut();
  await harness.until('a question', () => questionOf(harness) !== null);
  expect(questionOf(harness)).toMatchObject({ sku: 'cola-can', count: 1 });
}

function answer(harness: CabinetHarness, how: 'this' | 'neither', count = 1): unknown {
  return harness.process.kiosk.visitLoop.dispatch({ type: 'answer', sku: 'cola-can', count, answer: how });
}

test.each([
  { how: 'this', billed: ['1 cola-can'], held: [] },
  { how: 'neither', billed: [], held: ['1 cola-can'] },
] as const)('what only the weight knows is asked; "$how"', { timeout: testTimeoutMs }, async (expected) => {
  const harness = await weighed();
  try {
    await knownByWeight(harness);
    expect(answer(harness, expected.how, 2)).toBe('unanswered');
    expect(answer(harness, expected.how)).toBeUndefined();
    expect(answer(harness, 'this')).toBe('unanswered');
    await harness.waitState('receipt');
    const { bill } = harness.context;
    expect(linesOf(bill?.lines)).toEqual(expected.billed);
    expect(linesOf(bill?.heldLines)).toEqual(expected.held);
  } finally {
    await harness.close();
  }
});

test('nobody answers: it is held', { timeout: testTimeoutMs }, async () => {
  const harness = await weighed();
  try {
    await knownByWeight(harness);
    await harness.waitState('receipt');
    expect(linesOf(harness.context.bill?.lines)).toEqual([]);
    expect(linesOf(harness.context.bill?.heldLines)).toEqual(['1 cola-can']);
  } finally {
    await harness.close();
  }
});

test('the door opens again: the question is void, and asked anew', { timeout: testTimeoutMs }, async () => {
  const harness = await weighed();
  try {
    await knownByWeight(harness);
    const taken = harness.world.goods.find(({ sku, place }) => sku === 'cola-can' && place === 'hand');
    harness.world.force();
    await harness.waitState('shopping');
    expect(answer(harness, 'this')).toBe('unanswered');
    harness.shopper.putBack(taken!);
    await harness.waitBasket(0);
    harness.shopper.shut();
    await harness.waitState('nothingCharged', 'receipt');
    expect(linesOf(harness.context.bill?.lines)).toEqual([]);
  } finally {
    await harness.close();
  }
});
