import { describe, expect, it } from 'vitest';
import type { MemoryTransport } from '../transport/memory.ts';
import { FakeTransmitters, hidScaleSpec, modbusScaleSpec } from '../../testkit/devices/fake-scales.ts';
import { makeHidScale, makeTransmitters } from '../../testkit/devices/scale-bench.ts';
import type { ScaleBench } from '../../testkit/devices/scale-bench.ts';

/**
 * Every fault in every state of a scale, at byte level. Whatever happens: no weight is emitted that was never there, a zero is
 * written at most once a call and every call ends, and when the fault is over the true weight is back.
 */
const states = ['connecting', 'idle', 'weighing', 'zeroing'] as const;
const faults = [
  'unplug',
  'silence',
  'garbage',
  'stall',
  'wrong device',
  'late',
  'doubled',
  'wrong check',
  'exception',
] as const;
type Fault = (typeof faults)[number];

type Make = () => ScaleBench;

/** Sets the fault on the scale and its transports of now and later; the returned function takes it away. */
function hurt({ harness, fake }: ScaleBench, fault: Fault): () => void {
  const attach = harness.players.scale;
  const onTransports = (
    change: (transport: MemoryTransport) => void,
    undo: (transport: MemoryTransport) => void,
  ): (() => void) => {
    harness.players.scale = (transport) => {
      attach(transport);
      change(transport);
    };
    harness.transports.scale.forEach(change);
    return () => {
      harness.players.scale = attach;
      harness.transports.scale.forEach(undo);
    };
  };
  const onFake = (change: () => void, undo: () => void): (() => void) => {
    change();
    return undo;
  };
  switch (fault) {
    case 'unplug': {
      harness.players.scale = (transport) => {
        transport.refuseOpen = true;
      };
      harness.transport('scale').unplug();
      return () => {
        harness.players.scale = attach;
      };
    }
    case 'silence':
      return onFake(
        () => (fake.silent = true),
        () => (fake.silent = false),
      );
    case 'garbage':
      return onTransports(
        (transport) =>
          (transport.corrupt = (bytes) => bytes.map((byte, i) => (byte * 37 + i * 11 + 5) & 0xff)),
        (transport) => (transport.corrupt = null),
      );
    case 'stall':
      return onTransports(
        (transport) => {
          transport.stallWrite = true;
          transport.muteDevice = true;
        },
        (transport) => {
          transport.stallWrite = false;
          transport.muteDevice = false;
        },
      );
    case 'wrong device':
      // Another report id, or another unit of the bus.
      return fake instanceof FakeTransmitters
        ? onFake(
            () => (fake.answersAs = 9),
            () => (fake.answersAs = null),
          )
        : onFake(
            () => (fake.distort = (bytes) => Uint8Array.from([2, ...bytes.subarray(1)])),
            () => (fake.distort = (bytes) => bytes),
          );
    case 'late':
      return onFake(
        () => (fake.delayMs = 450),
        () => (fake.delayMs = 0),
      );
    case 'doubled':
      return onFake(
        () => (fake.copies = 2),
        () => (fake.copies = 1),
      );
    case 'wrong check':
      // HID has no check of its own: an unknown status stands for it.
      return onFake(
        () =>
          (fake.distort = (bytes) =>
            fake instanceof FakeTransmitters
              ? bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 0x40 : byte))
              : Uint8Array.from([3, 0x7f, ...bytes.subarray(2)])),
        () => (fake.distort = (bytes) => bytes),
      );
    case 'exception':
      return fake instanceof FakeTransmitters
        ? onFake(
            () => {
              fake.refuse.set(3, 4);
              fake.refuse.set(16, 6);
            },
            () => {
              fake.refuse.clear();
            },
          )
        : onFake(
            () => (fake.change = { status: 'fault' }),
            () => (fake.change = {}),
          );
  }
}

/** Faults under which the weight goes on being known. */
const harmless: readonly string[] = ['HID late', 'HID doubled', 'Modbus doubled'];
const hurtForMs = 6000;

/** Brings it there; a zero that was asked for leaves its end in `ends`. */
async function reach(
  { harness, fake }: ScaleBench,
  state: (typeof states)[number],
  ends: string[],
): Promise<void> {
  fake.put(1, 250);
  const devices = [fake instanceof FakeTransmitters ? modbusScaleSpec : hidScaleSpec];
  await harness.supervisor.configure({ simulated: true, devices });
  // Connected, and nothing received yet.
  await harness.clock.advance(1);
  if (state !== 'connecting') await harness.clock.advance(1500);
  if (state !== 'zeroing') return;
  void harness.supervisor.zeroScale(1).then((result) => ends.push(result.ok ? 'ok' : result.error.code));
  // Its command is on the wire, and not answered yet.
  while (fake.zeroCommands.length === 0) await harness.clock.advance(1);
}

/** How a zero ends that was under way when the fault came. */
const zeroEnds: Readonly<Record<string, Record<Fault, string>>> = {
  HID: {
    unplug: 'device.disconnected',
    silence: 'device.timeout',
    garbage: 'device.timeout',
    'wrong device': 'device.timeout',
    'wrong check': 'device.timeout',
    exception: 'device.refused',
    // The write had left before it stalled.
    stall: 'device.timeout',
    late: 'ok',
    doubled: 'ok',
  },
  Modbus: {
    unplug: 'device.disconnected',
    silence: 'device.timeout',
    garbage: 'device.protocol',
    'wrong device': 'device.protocol',
    'wrong check': 'device.protocol',
    exception: 'device.refused',
    stall: 'device.timeout',
    late: 'ok',
    doubled: 'ok',
  },
};

describe.each([
  ['HID', makeHidScale],
  ['Modbus', makeTransmitters],
] as [string, Make][])('%s scale', (name, make) => {
  describe.each(faults)('%s', (fault) => {
    it.each(states)('while %s', async (state) => {
      const bench = make();
      const { harness, fake } = bench;
      const ends: string[] = [];
      await reach(bench, state, ends);
      const heal = hurt(bench, fault);
      if (state === 'weighing') {
        for (let grams = 300; grams < 330; grams += 3) {
          fake.put(1, grams);
          await harness.clock.advance(70);
        }
      }
      await harness.clock.advance(hurtForMs);
      const emitted = harness
        .of('weight')
        .filter((w) => w.lane === 1)
        .at(-1);
      const isKnown = emitted !== undefined && emitted.milligrams !== null;
      expect(isKnown).toBe(harmless.includes(`${name} ${fault}`));
      if (!isKnown) expect(harness.health('scale') === 'ready' && fault !== 'exception').toBe(false);
      expect(ends).toEqual(state === 'zeroing' ? [zeroEnds[name]?.[fault]] : []);

      heal();
      await harness.clock.advance(9000);
      fake.put(1, 777);
      await harness.clock.advance(1000);
      expect(
        harness
          .of('weight')
          .filter((w) => w.lane === 1)
          .at(-1),
      ).toMatchObject({
        milligrams: 777_000,
        stable: true,
        state: 'ok',
      });
      expect(harness.health('scale')).toBe('ready');
      for (const { milligrams } of harness.of('weight')) {
        if (milligrams !== null) expect([...fake.seen]).toContain(milligrams);
      }
      expect(fake.zeroCommands.length).toBeLessThanOrEqual(1);
    });
  });
});
