import { afterAll, beforeAll, expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { VirtualClock } from '../../testkit/virtual-clock.ts';
import { loadSampleCatalog } from '../catalog.ts';
import type { HostEnd } from '../devices/device-port.ts';
import { CabinetHarness } from './cabinet-harness.ts';
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

/** The line to the reader hands over what it has once in `everyMs`, as a serial server with a packing timer does. */
async function inLumps(harness: CabinetHarness, everyMs: number): Promise<void> {
  const port = harness.devices.reader;
  const attach = port.attach.bind(port);
  port.attach = (end: HostEnd) => {
    let waiting: Uint8Array[] = [];
    let isArmed = false;
    return attach({
      deliver: (unit) => {
        waiting.push(unit);
        if (!isArmed) {
          isArmed = true;
          const nowMs = clock.monotonicMs();
          clock.after(everyMs - (nowMs % everyMs), () => {
            isArmed = false;
            const units = waiting;
            waiting = [];
            for (const one of units) end.deliver(one);
          });
        }
        return true;
      },
      cut: () => {
        waiting = [];
        end.cut();
      },
    });
  };
  harness.unplug('tag-reader');
  await harness.sleep(500);
  harness.plug('tag-reader');
}

test.each([400, 600])(
  'a reader whose link hands over in lumps of %d ms: out of service, and staff is told',
  { timeout: 120_000 },
  async (everyMs) => {
    const harness = await CabinetHarness.open(operator, {
      simulator: { catalog, devices: { reader: 'rfid-r200', readsPerSecond: 200 } },
      limits: visitLimits,
    });
    try {
      await inLumps(harness, everyMs);
      await harness.sleep(600_000);
      expect(harness.outOfService).toBe('reader_unreachable');
      const told = harness.fullLog().filter((line) => line.includes('alarm {'));
      expect(told.join('\n')).toContain('device_fault');
    } finally {
      await harness.close();
    }
  },
);
