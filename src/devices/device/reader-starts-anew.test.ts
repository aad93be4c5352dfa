import { describe, expect, it } from 'vitest';
import { encodeRfidHostMessage } from '../protocol/rfid-r200.ts';
import { MemoryTransport } from '../transport/memory.ts';
import { DeviceHarness, readerSpec } from '../../testkit/devices/device-harness.ts';

/**
 * A module whose supply dips (the bolt's coil draws its current at each opening) starts anew within the same connection: the USB
 * bridge has its own supply and stays. Its inventory is over, and what it was told is forgotten: it is as its own memory has it.
 */
const sessionAndTargetBits = 0x0380;
const epc = 'E200001D7315016521408FC6';

async function runFor(isDipped: boolean, pollMode: 'active' | 'idle'): Promise<DeviceHarness> {
  const harness = new DeviceHarness();
  const { reader, clock, supervisor } = harness;
  // What another program has put into its memory.
  reader.query = 0x1220;
  reader.tags = [epc];
  await harness.up([readerSpec]);
  supervisor.setPollMode('active');
  await clock.advance(3_000);
  expect(harness.health('tag-reader')).toBe('ready');
  const queryNow = (): number => reader.query ?? 0;
  expect(queryNow() & sessionAndTargetBits).toBe(0);
  if (isDipped) {
    // Its inventory is over (a stop that no driver has sent), and for 100 ms it is not there.
    const supply = new MemoryTransport('supply');
    reader.attach(supply);
    await supply.hostEnd.open(new AbortController().signal);
    await supply.hostEnd.write(encodeRfidHostMessage({ type: 'stop' }));
    reader.silent = true;
    await clock.advance(100);
    reader.query = 0x1220;
    reader.silent = false;
  }
  supervisor.setPollMode(pollMode);
  await clock.advance(120_000);
  return harness;
}

describe.each([
  ['the module stays up', false],
  ['the module has started anew', true],
])('%s', (_, isDipped) => {
  it.each(['active', 'idle'] as const)(
    'two minutes later (%s): set up as it was, or not ready',
    async (pollMode) => {
      const harness = await runFor(isDipped, pollMode);
      const isAsSetUp = ((harness.reader.query ?? 0) & sessionAndTargetBits) === 0;
      const isPowerSet = harness.reader.count('setPower') >= (isDipped ? 2 : 1);
      expect({ isAsSetUp, isPowerSet, health: harness.health('tag-reader') }).toEqual({
        isAsSetUp: true,
        isPowerSet: true,
        health: 'ready',
      });
    },
  );
});
