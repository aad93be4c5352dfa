import { expect, test } from 'vitest';
import { encodeSw5357DeviceMessage, sw5357Cmd } from '../../devices/protocol/rfid-sw5357.ts';
import { encodeUhf18DeviceMessage, uhf18Cmd } from '../../devices/protocol/rfid-uhfreader18.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { CabinetHarness } from './cabinet-harness.ts';
import { onReaderLine } from './reader-line.ts';
import { startOperatorForFile } from './operator-suite.ts';

const { clock, operator } = await startOperatorForFile();

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
test.each([400, 600])('a line that hands over in lumps of %d ms: out of service', async (everyMs) => {
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
});

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
});

/** A plug of the antenna that is loose; a reader that stumbles over its own data. */
test.each([
  [
    'rfid-uhfreader18-new',
    '"antenna error"',
    encodeUhf18DeviceMessage({
      type: 'status',
      address: 0,
      command: uhf18Cmd.inventory,
      status: 0xf8,
      name: '',
    }),
  ],
  [
    'rfid-sw5357',
    'damaged data',
    encodeSw5357DeviceMessage({
      type: 'rawReply',
      address: 0,
      command: sw5357Cmd.inventory,
      status: 1,
      data: '0001E2',
    }),
  ],
] as const)('%s, two rounds of three end in %s: out of service', async (reader, _what, answer) => {
  const devices = { reader, readsPerSecond: 60 };
  const harness = await CabinetHarness.open(operator, { simulator: { catalog, devices } });
  let round = 0;
  await onReaderLine(harness, (end) => ({
    deliver: (unit) => {
      // Answers to settings are short; a UHFReader18's frames of a round have status 3 but for the last.
      if (unit.length < 40) return end.deliver(unit);
      const isLast = reader === 'rfid-sw5357' || unit[3] !== 3;
      const isSpoilt = round % 3 !== 0;
      if (isLast) round++;
      if (!isSpoilt) return end.deliver(unit);
      return isLast ? end.deliver(answer) : true;
    },
    cut: () => {
      end.cut();
    },
  }));
  await expectOutOfService(harness);
  await harness.close();
});
