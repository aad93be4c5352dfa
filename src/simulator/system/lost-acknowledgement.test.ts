import { expect, test } from 'vitest';
import { visitLimits } from '../../core/visit/limits.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { operator } = await startOperatorForFile();

const openHead = 0x8a;

/** From the next connection on so many acknowledgements of an opening are lost (the coil of the bolt spoils them). */
async function loseAcknowledgements(harness: CabinetHarness, lostMax: number): Promise<void> {
  const { lock } = harness.devices;
  const attach = lock.attach.bind(lock);
  let lost = 0;
  lock.attach = (end) =>
    attach({
      deliver: (unit) => {
        if (unit[0] !== openHead || lost === lostMax) return end.deliver(unit);
        lost++;
        return true;
      },
      cut: () => {
        end.cut();
      },
    });
  harness.unplug('lock');
  await harness.sleep(500);
  harness.plug('lock');
}

// The door is not read while an acknowledgement is waited for: up to 3.5 s.
test.each([
  [0, 500],
  [1, 1_000],
  [2, 500],
])(
  'a piece taken at once is on the bill: %i acknowledgements lost, given after %i ms',
  async (lostMax, openReplyMs) => {
    const simulator = { devices: { openReplyMs } };
    const harness = await CabinetHarness.open(operator, { limits: visitLimits, simulator });
    try {
      await loseAcknowledgements(harness, lostMax);
      await harness.sleep(20_000);
      await harness.waitState('attract');
      await harness.until('scanner connected', () => harness.devices.scanner.attached);
      await harness.shopper.present();
      await harness.until('bolt released', () => harness.world.bolt === 'released');
      expect(harness.shopper.pull()).toBe(true);
      await harness.sleep(500);
      harness.shopper.take('cola-can');
      await harness.waitState('shopping');
      await harness.sleep(8_000);
      expect(harness.context.basket.totalMinor).toBe(harness.priceOf('cola-can'));
      harness.confirm();
      harness.shopper.shut();
      await harness.until('the end', () => harness.state === 'attract', 120_000);
      await harness.waitSettled();
      expect(await harness.charges()).toMatchObject([{ totalMinor: harness.priceOf('cola-can') }]);
    } finally {
      await harness.close();
    }
  },
);
