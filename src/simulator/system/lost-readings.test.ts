import { expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { onReaderLine } from './reader-line.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { operator } = await startOperatorForFile();

const sample = loadSampleCatalog();
const catalog = { ...sample, tags: sample.tags.slice(0, 30) };

/** Takes two pieces, stands there for 12 s, and leaves. */
async function visit(harness: CabinetHarness, first: number): Promise<void> {
  await harness.enter();
  for (const { sku } of catalog.tags.slice(first, first + 2)) harness.shopper.take(sku);
  await harness.sleep(12_000);
  harness.shopper.shut();
  await harness.until('the end', () => ['attract', 'outOfService'].includes(harness.state), 120_000);
  await harness.sleep(20_000);
}

test('deaf in each visit, and made anew meanwhile: out of service until it is read well', async () => {
  const devices = { reader: 'rfid-uhfreader18-new', readsPerSecond: 60 } as const;
  const harness = await CabinetHarness.open(operator, {
    simulator: { catalog, devices },
    limits: visitLimits,
  });
  try {
    let isBad = true;
    await onReaderLine(harness, (end) => ({
      deliver: (unit) =>
        isBad && harness.running && ['shopping', 'checking'].includes(harness.state)
          ? true
          : end.deliver(unit),
      cut: () => {
        end.cut();
      },
    }));
    await harness.sleep(60_000);
    let count = 0;
    while (count < 6 && harness.outOfService === null) await visit(harness, 2 * count++);
    expect({ count, out: harness.outOfService }).toEqual({ count: 2, out: 'reader_unreachable' });
    const alarms = await operator.alarmsOf(harness.cabinetId);
    expect(alarms).toMatchObject([{ kind: 'device_fault', visitId: expect.any(String) as string }]);
    // Also after a start; then it is heard for a minute, which shows only that it reads behind a shut door.
    harness.crash();
    harness.start(false);
    await harness.sleep(5_000);
    expect(harness.outOfService).toBe('reader_unreachable');
    await harness.until('in service', () => harness.outOfService === null, 120_000);
    await visit(harness, 10);
    expect(harness.outOfService).toBe('reader_unreachable');
    isBad = false;
    await harness.until('in service', () => harness.outOfService === null, 120_000);
    await visit(harness, 12);
    expect(harness.outOfService).toBeNull();
  } finally {
    await harness.close();
  }
});
