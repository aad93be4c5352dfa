import { expect, test } from 'vitest';
import { loadSampleCatalog } from '../catalog.ts';
import { emptyRoundMs } from '../devices/tag-reader.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { onReaderLine } from './reader-line.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { clock, operator } = await startOperatorForFile();

/** The scan time that the driver sets, the least that the manual allows: an empty round takes all of it. */
const scanTimeMs = 300;
const sample = loadSampleCatalog();

test.each(['rfid-r200', 'rfid-uhfreader18', 'rfid-uhfreader18-new'] as const)(
  '%s before an empty shelf: what is sold out is still called so a minute later',
  async (reader) => {
    const catalog = { ...sample, tags: sample.tags.slice(0, 2) };
    const devices = { reader, readsPerSecond: 60 };
    const harness = await CabinetHarness.open(operator, { simulator: { catalog, devices } });
    await onReaderLine(harness, (end) => ({
      deliver: (unit) => {
        // Length, address, command 01, status FB: no tag.
        const isEmptyRound = unit[2] === 0x01 && unit[3] === 0xfb;
        if (!isEmptyRound) return end.deliver(unit);
        clock.after(scanTimeMs - emptyRoundMs, () => end.deliver(unit));
        return true;
      },
      cut: () => {
        end.cut();
      },
    }));
    await harness.sleep(60_000);
    expect(harness.outOfService).toBeNull();
    for (const { sku } of catalog.tags) {
      await harness.enter();
      harness.shopper.take(sku);
      await harness.waitBasket(harness.priceOf(sku));
      await harness.confirmAndLeave();
    }
    await harness.waitSettled();
    const markNow = (): string | undefined => harness.snapshot().stock[catalog.tags[0]?.sku ?? ''];
    await harness.sleep(5_000);
    expect(markNow()).toBe('sold_out');
    await harness.sleep(60_000);
    expect(markNow()).toBe('sold_out');
    await harness.close();
  },
);
