import { expect, it } from 'vitest';
import { encodeRfidDeviceMessage } from '../protocol/rfid-r200.ts';
import { encodeSw5357DeviceMessage, sw5357Cmd } from '../protocol/rfid-sw5357.ts';
import { FakeSw5357, sw5357Spec } from '../../testkit/devices/fake-round-reader.ts';
import { DeviceHarness, readerSpec } from '../../testkit/devices/device-harness.ts';

const epcA = 'E200001D7315016521408FC6';

/** A reader that worked, and then says nothing useful any more: neither a tag nor "no tag" ever comes out. */
async function sw(make: (reader: FakeSw5357, harness: DeviceHarness) => void) {
  const harness = new DeviceHarness();
  const reader = new FakeSw5357(harness.clock);
  reader.tags = [epcA];
  harness.players['tag-reader'] = (transport) => {
    reader.attach(transport);
  };
  await harness.up([sw5357Spec]);
  harness.supervisor.setPollMode('active');
  await harness.clock.advance(2_000);
  expect(harness.health('tag-reader')).toBe('ready');
  make(reader, harness);
  await harness.clock.advance(5_000);
  harness.messages.length = 0;
  return { harness, reader };
}
const answering = (status: number) => (reader: FakeSw5357) => {
  Object.assign(reader, {
    round: () => [
      encodeSw5357DeviceMessage({ type: 'status', address: 0, command: sw5357Cmd.inventory, status }),
    ],
  });
};

it.each([1, 2, 0xf8])(
  '53 57: every inventory is answered with status %i and nothing else: not called ready',
  async (status) => {
    const { harness } = await sw(answering(status));
    await harness.clock.advance(60_000);
    expect({ batches: harness.of('tags').length, health: harness.health('tag-reader') }).not.toEqual({
      batches: 0,
      health: 'ready',
    });
  },
);

it('53 57: one answer lost and a heartbeat each half second: it reads on, or is not called ready', async () => {
  const { harness } = await sw((one, made) => {
    // The answer to one inventory is lost; all after it would be answered.
    let isLost = false;
    const round = (one as unknown as { round(): Uint8Array[] }).round.bind(one);
    Object.assign(one, {
      round: () => {
        if (isLost) return round();
        isLost = true;
        return [];
      },
    });
    const beat = (): void => {
      made
        .transport('tag-reader')
        .send(encodeSw5357DeviceMessage({ type: 'heartbeat', address: 0, serial: '01020304050607' }));
      one.clock.after(500, beat);
    };
    one.clock.after(500, beat);
  });
  await harness.clock.advance(60_000);
  expect({ batches: harness.of('tags').length, health: harness.health('tag-reader') }).not.toEqual({
    batches: 0,
    health: 'ready',
  });
});

it('R200: of blank tags among good ones staff hears, and that it is over', async () => {
  const harness = new DeviceHarness();
  harness.reader.tags = [epcA];
  await harness.up([readerSpec]);
  harness.supervisor.setPollMode('active');
  await harness.clock.advance(1_000);
  const blank = { type: 'tag', notice: 0x22, rssiDbm: -50, pc: 0, epc: '', crc: 0 } as const;
  for (let i = 0; i < 100; i++) {
    harness.transport('tag-reader').send(encodeRfidDeviceMessage(blank));
    await harness.clock.advance(100);
  }
  const detailNow = () => harness.supervisor.health()[0]?.detail;
  expect(harness.health('tag-reader')).toBe('ready');
  expect(detailNow()).toMatch(/blank or damaged tags/);
  await harness.clock.advance(60_000);
  expect([harness.health('tag-reader'), detailNow()]).toEqual(['ready', '']);
});
