import { describe, expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { loadSampleCatalog } from '../catalog.ts';
import type { SensorOptions } from '../cabinet-sensors.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/**
 * A reader that makes one round a command says nothing until its round is over. With 30 goods at 60 reads a second a round
 * is some 0.48 s: longer than the pause after which a reader did not listen.
 */
const { operator } = await startOperatorForFile();

/** Carries three times the goods that are in here (docs/hardware.md). */
const readsPerSecond = 60;
const sample = loadSampleCatalog();
const catalog = { ...sample, tags: sample.tags.slice(0, 30) };

describe.each<SensorOptions & { name: string }>([
  { name: 'R200', reader: 'rfid-r200' },
  { name: '53 57', reader: 'rfid-sw5357' },
  { name: 'UHFReader18, old form', reader: 'rfid-uhfreader18' },
  { name: 'UHFReader18, new form', reader: 'rfid-uhfreader18-new' },
])('30 goods before $name', ({ name: _name, ...devices }) => {
  test('somebody is let in, and what was taken is billed', { timeout: 120_000 }, async () => {
    const harness = await CabinetHarness.open(operator, {
      simulator: { catalog, devices: { ...devices, readsPerSecond } },
    });
    try {
      await harness.sleep(60_000);
      await harness.enter();
      const item = harness.shopper.take(catalog.tags[0]?.sku ?? '');
      await harness.waitBasket(harness.priceOf(item.sku ?? ''));
      await harness.confirmAndLeave();
      await harness.waitSettled();
      expect(await harness.audit()).toEqual([]);
      expect(await harness.charges()).toMatchObject([
        { state: 'paid', totalMinor: harness.priceOf(item.sku ?? '') },
      ]);
    } finally {
      await harness.close();
    }
  });

  test(
    'ten pieces that leave stand on a charge, or the cabinet sells no more',
    { timeout: 120_000 },
    async () => {
      const harness = await CabinetHarness.open(operator, {
        simulator: { catalog, devices: { ...devices, readsPerSecond } },
        limits: visitLimits,
      });
      try {
        await harness.sleep(60_000);
        await harness.enter();
        for (const { sku } of catalog.tags.slice(0, 10)) harness.shopper.take(sku);
        await harness.sleep(10_000);
        harness.shopper.shut();
        await harness.until('the end of the visit', () => harness.state === 'attract', 120_000);
        await harness.sleep(600_000);
        const charges = await harness.charges();
        const told = harness.fullLog().filter((line) => line.includes('alarm {'));
        const named = charges.flatMap(({ lines, heldLines }) => [...lines, ...heldLines]);
        // Either the ten pieces stand on the charge (billed or held), or the cabinet says that it cannot do its work.
        expect({ named: named.length > 0, isInService: harness.outOfService === null, told }).not.toEqual({
          named: false,
          isInService: true,
          told: [],
        });
      } finally {
        await harness.close();
      }
    },
  );
});
