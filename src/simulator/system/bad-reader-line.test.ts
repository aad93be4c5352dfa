import { afterAll, beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { onReaderLine } from './reader-line.ts';
import { SharedOperator } from './shared-operator.ts';

const clock = new VirtualClock();
let operator: SharedOperator;
beforeAll(async () => {
  operator = await SharedOperator.start(clock);
});
afterAll(async () => {
  await operator.close();
  clock.stop();
});

const sample = loadSampleCatalog();
const catalog = { ...sample, tags: sample.tags.slice(0, 30) };

/** Such a reader cannot tell what leaves: it must not be found out by the goods that are gone. */
async function expectOutOfService(harness: CabinetHarness): Promise<void> {
  await harness.sleep(600_000);
  expect(harness.outOfService).toBe('reader_unreachable');
  const told = harness.fullLog().filter((line) => line.includes('alarm {'));
  expect(told.join('\n')).toContain('device_fault');
}

/** As a serial server with a packing timer does. */
test.each([400, 600])(
  'a line that hands over in lumps of %d ms: out of service',
  async (everyMs) => {
    const devices = { reader: 'rfid-r200', readsPerSecond: 200 } as const;
    const harness = await CabinetHarness.open(operator, { simulator: { catalog, devices } });
    await onReaderLine(harness, (end) => {
      let waiting: Uint8Array[] = [];
      const deliver = (unit: Uint8Array): boolean => {
        waiting.push(unit);
        if (waiting.length > 1) return true;
        clock.after(everyMs - (clock.monotonicMs() % everyMs), () => {
          for (const one of waiting.splice(0)) end.deliver(one);
        });
        return true;
      };
      const cut = (): void => {
        waiting = [];
        end.cut();
      };
      return { deliver, cut };
    });
    await expectOutOfService(harness);
    await harness.close();
  },
  120_000,
);

test('a line that spoils every second answer to a round: out of service', async () => {
  const devices = { reader: 'rfid-sw5357', readsPerSecond: 60 } as const;
  const harness = await CabinetHarness.open(operator, { simulator: { catalog, devices } });
  let count = 0;
  await onReaderLine(harness, (end) => ({
    deliver: (unit) => {
      // Answers to settings are short.
      const isSpoilt = unit.length >= 40 && ++count % 2 === 0;
      return end.deliver(
        isSpoilt ? unit.map((byte, i) => (i === unit.length - 1 ? byte ^ 0xff : byte)) : unit,
      );
    },
    cut: () => {
      end.cut();
    },
  }));
  await expectOutOfService(harness);
  await harness.close();
}, 120_000);
