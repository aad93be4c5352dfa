import { expect, test } from 'vitest';
import { loadSampleCatalog } from '../catalog.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { onReaderLine } from './reader-line.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { clock, operator } = await startOperatorForFile();

/** The scan time that the driver sets, the least that the manual allows: a round takes all of it, as in sold-out-round-reader.test.ts. */
const scanTimeMs = 300;
const readsPerSecond = 60;
const sample = loadSampleCatalog();

test.each([
  ['rfid-uhfreader18-new', 2],
  ['rfid-uhfreader18-new', 1],
  ['rfid-uhfreader18', 1],
  ['rfid-sw5357', 1],
] as const)(
  '%s, %d left on the shelf, nobody there for a quarter of an hour: it sells',
  async (reader, count) => {
    const catalog = { ...sample, tags: sample.tags.slice(0, count) };
    const devices = { reader, readsPerSecond };
    const harness = await CabinetHarness.open(operator, { simulator: { catalog, devices } });
    await onReaderLine(harness, (end) => ({
      deliver: (unit) => {
        // Answers to settings are short.
        if (unit.length < 16) return end.deliver(unit);
        clock.after(scanTimeMs - (1000 * count) / readsPerSecond, () => end.deliver(unit));
        return true;
      },
      cut: () => {
        end.cut();
      },
    }));
    const seen = new Set<string>();
    for (let minute = 0; minute < 15; minute += 3) {
      await harness.sleep(180_000);
      seen.add(harness.outOfService ?? 'sells');
    }
    expect([...seen]).toEqual(['sells']);
    await harness.close();
  },
);
