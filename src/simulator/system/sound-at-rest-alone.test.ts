import { expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { encodeUhf18DeviceMessage, uhf18Cmd } from '../../devices/protocol/rfid-uhfreader18.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { onReaderLine } from './reader-line.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { clock, operator } = await startOperatorForFile();

const sample = loadSampleCatalog();
const catalog = { ...sample, tags: sample.tags.slice(0, 30) };
const cannotRead = encodeUhf18DeviceMessage({
  type: 'status',
  address: 0,
  command: uhf18Cmd.inventory,
  status: 0xf8,
  name: '',
});

/** From its third round without a pause on, two rounds of three say that it cannot read. */
async function runHot(harness: CabinetHarness, isHot: () => boolean): Promise<void> {
  let round = 0;
  let lastMs = 0;
  await onReaderLine(harness, (end) => ({
    deliver: (unit) => {
      const hasTags = unit.length >= 40;
      if (!hasTags) return end.deliver(unit);
      const isLast = unit[3] !== 3;
      if (clock.monotonicMs() - lastMs > 900) round = 0;
      lastMs = clock.monotonicMs();
      const isSpoilt = isHot() && round >= 3 && round % 3 !== 0;
      if (isLast) round++;
      if (!isSpoilt) return end.deliver(unit);
      return isLast ? end.deliver(cannotRead) : true;
    },
    cut: () => {
      end.cut();
    },
  }));
}

/** As long as a visit lasts nothing is read: each round says so, or nothing comes. At rest it is sound. */
async function sag(harness: CabinetHarness, isSilent: boolean): Promise<void> {
  await onReaderLine(harness, (end) => ({
    deliver: (unit) => {
      const isDead = ['shopping', 'confirmed', 'ajar', 'checking'].includes(harness.state);
      if (!isDead || (unit.length < 40 && !isSilent)) return end.deliver(unit);
      return isSilent || unit[3] === 3 ? true : end.deliver(cannotRead);
    },
    cut: () => {
      end.cut();
    },
  }));
}

test.each([
  [false, 4_000],
  [false, 20_000],
  [true, 4_000],
  [true, 20_000],
])(
  'reads nothing in a visit (silent: %s), shut after %i ms: two visits at most, and staff is told',
  async (isSilent, openMs) => {
    const devices = { reader: 'rfid-uhfreader18-new', readsPerSecond: 60 } as const;
    const harness = await CabinetHarness.open(operator, {
      simulator: { catalog, devices },
      limits: visitLimits,
    });
    try {
      await sag(harness, isSilent);
      await harness.sleep(60_000);
      let visits = 0;
      while (visits < 6 && harness.outOfService === null) {
        await harness.enter();
        for (const { sku } of catalog.tags.slice(visits * 5, visits * 5 + 5)) harness.shopper.take(sku);
        await harness.sleep(openMs);
        harness.shopper.shut();
        const ends = ['attract', 'outOfService'];
        await harness.until('the end of the visit', () => ends.includes(harness.state), 120_000);
        await harness.sleep(60_000);
        visits++;
      }
      expect(visits).toBeLessThanOrEqual(2);
      await harness.sleep(180_000);
      expect(harness.fullLog().join('\n')).toMatch(/alarm .*device_fault/);
    } finally {
      await harness.close();
    }
  },
);

test('sound at rest alone: out of service after two short visits at most, until it reads again', async () => {
  const devices = { reader: 'rfid-uhfreader18-new', readsPerSecond: 60 } as const;
  const harness = await CabinetHarness.open(operator, {
    simulator: { catalog, devices },
    limits: visitLimits,
  });
  try {
    let isHot = true;
    await runHot(harness, () => isHot);
    await harness.sleep(60_000);
    let visits = 0;
    while (visits < 4 && harness.outOfService === null) {
      await harness.enter();
      for (const { sku } of catalog.tags.slice(visits * 5, visits * 5 + 5)) harness.shopper.take(sku);
      await harness.sleep(4_000);
      harness.shopper.shut();
      const ends = ['attract', 'outOfService'];
      await harness.until('the end of the visit', () => ends.includes(harness.state), 120_000);
      await harness.sleep(20_000);
      visits++;
    }
    expect(visits).toBeLessThanOrEqual(2);
    await harness.sleep(180_000);
    expect(harness.outOfService).not.toBeNull();
    expect(harness.fullLog().join('\n')).toMatch(/alarm .*device_fault/);
    isHot = false;
    await harness.until('in service', () => harness.outOfService === null, 120_000);
  } finally {
    await harness.close();
  }
});
