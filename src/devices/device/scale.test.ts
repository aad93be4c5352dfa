import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { deviceSpecSchema } from '../../shared/model/device.ts';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { bytesOfHex, toHex } from '../protocol/codec.ts';
import { hidScaleSpec, modbusScaleSpec } from '../../testkit/devices/fake-scales.ts';
import { DeviceHarness } from '../../testkit/devices/device-harness.ts';
import { bus, hid, lastWeight } from '../../testkit/devices/scale-bench.ts';

const detail = (harness: DeviceHarness): string => harness.supervisor.health()[0]?.detail ?? '';

/** Runs a call to its end on the fake clock. */
async function end(
  harness: DeviceHarness,
  call: Promise<{ ok: boolean; error?: { code: string } }>,
  maxMs = 6000,
) {
  let result = 'pending';
  const startMs = harness.clock.monotonicMs();
  void call.then((r) => {
    result = r.ok ? 'ok' : (r.error?.code ?? '');
  });
  while (result === 'pending' && harness.clock.monotonicMs() - startMs < maxMs)
    await harness.clock.advance(10);
  return result;
}

describe('HID scale', () => {
  it('the first report may be old and is dropped, the next ones are emitted when they change', async () => {
    const harness = new DeviceHarness();
    harness.players.scale = () => undefined;
    await harness.up([hidScaleSpec]);
    const send = (hex: string): void => harness.transport('scale').send(bytesOfHex(hex));
    send('030402008C09');
    expect(harness.of('weight')).toEqual([]);
    send('03040BFFBE03');
    send('03040BFFBE03');
    expect(harness.of('weight')).toMatchObject([
      { lane: 1, milligrams: 2_715_884, stable: true, state: 'ok' },
    ]);
    expect(harness.health('scale')).toBe('ready');
  });

  it.each([
    ['in_motion', { milligrams: 120_000, stable: false, state: 'ok' }],
    ['stable', { milligrams: 120_000, stable: true, state: 'ok' }],
    ['under_zero', { milligrams: -120_000, stable: false, state: 'under_zero' }],
    ['over_limit', { milligrams: null, stable: false, state: 'over_limit' }],
    ['needs_zeroing', { milligrams: null, stable: false, state: 'needs_zeroing' }],
    ['needs_calibration', { milligrams: null, stable: false, state: 'needs_calibration' }],
    ['fault', { milligrams: null, stable: false, state: 'fault' }],
  ] as const)('status %s', async (status, expected) => {
    const { harness } = await hid((fake) => {
      fake.put(1, 120);
      fake.change = { status };
    });
    expect(lastWeight(harness)).toMatchObject(expected);
    expect(detail(harness)).toBe(expected.state === 'ok' ? '' : `the scale says ${status}`);
  });

  it('a unit that is not sure is no weight', async () => {
    const { harness } = await hid((fake) => {
      fake.change = { unit: 'tael', value: 7, status: 'stable' };
    });
    expect(lastWeight(harness)).toMatchObject({ milligrams: null, state: 'fault' });
  });

  it('a restless scale is emitted at most ten times a second, and its last reading is emitted', async () => {
    const { harness } = await hid();
    harness.messages.length = 0;
    for (let grams = 1; grams <= 500; grams++) {
      harness
        .transport('scale')
        .send(bytesOfHex(`03030200${toHex(Uint8Array.of(grams & 0xff, grams >> 8))}`));
      await harness.clock.advance(2);
    }
    expect(harness.of('weight').length).toBeGreaterThanOrEqual(9);
    expect(harness.of('weight').length).toBeLessThanOrEqual(11);
  });

  it('zero: one command, done when a stable zero is reported', async () => {
    const { harness, fake } = await hid((scale) => scale.put(1, 40));
    expect(await end(harness, harness.supervisor.zeroScale(1))).toBe('ok');
    expect(harness.transport('scale').written.map(toHex)).toEqual(['0202']);
    await harness.clock.advance(300);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 0, stable: true });
    expect(fake.zeroCommands).toEqual(['zero']);
  });

  it('zero that the scale does not follow is refused; a second call meanwhile is busy', async () => {
    const { harness, fake } = await hid((scale) => {
      scale.put(1, 40);
      scale.obeys = false;
    });
    const first = harness.supervisor.zeroScale(1);
    expect(await end(harness, harness.supervisor.zeroScale(1))).toBe('device.busy');
    expect(await end(harness, first)).toBe('device.refused');
    expect(fake.zeroCommands).toEqual(['zero']);
  });

  it('a zero whose write stalls is never repeated; the connection is made anew', async () => {
    const { harness } = await hid((scale) => scale.put(1, 40));
    harness.transport('scale').stallWrite = true;
    expect(await end(harness, harness.supervisor.zeroScale(1))).toBe('device.disconnected');
    await harness.clock.advance(5000);
    expect(harness.transports.scale.length).toBe(2);
    expect(harness.transports.scale.flatMap((transport) => transport.written).length).toBe(1);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 40_000 });
  });

  it('has no tare, and no other lane', async () => {
    const { harness } = await hid();
    expect(await end(harness, harness.supervisor.tareScale(1))).toBe('device.refused');
    expect(await end(harness, harness.supervisor.zeroScale(2))).toBe('device.missing');
  });
});

describe('Modbus scales', () => {
  it('all lanes in turn, one request in flight, changes emitted', async () => {
    const { harness, fake } = await bus((scale) => {
      scale.put(1, 350);
      scale.put(2, 1200);
    });
    expect(lastWeight(harness, 1)).toMatchObject({ milligrams: 350_000, stable: true, state: 'ok' });
    expect(lastWeight(harness, 2)).toMatchObject({ milligrams: 1_200_000, stable: true, state: 'ok' });
    const changedMs = harness.clock.monotonicMs();
    fake.put(1, 20);
    await harness.clock.advance(1000);
    expect(lastWeight(harness, 1)).toMatchObject({ milligrams: 20_000 });
    expect((lastWeight(harness, 1)?.atMs ?? 0) - changedMs).toBeLessThanOrEqual(300);
    expect(fake.requestsInFlightMax).toBe(1);
    const units = fake.received.slice(-8).map((m) => m.unit);
    expect(units.filter((unit) => unit === 1).length).toBe(4);
    expect(harness.of('weight').length).toBe(3);
  });

  it('reads the default registers, weight first', async () => {
    const { fake } = await bus();
    expect(fake.received.slice(0, 2)).toEqual([
      { type: 'readRegisters', unit: 1, function: 3, register: 82, count: 2 },
      { type: 'readRegisters', unit: 1, function: 3, register: 8, count: 1 },
    ]);
  });

  it('unstable, over the limit, negative', async () => {
    const { harness, fake } = await bus((scale) => {
      scale.unstable = true;
      scale.loads.set(1, -15_889);
    });
    expect(lastWeight(harness)).toMatchObject({ milligrams: -15_889_000, stable: false, state: 'ok' });
    fake.overload = true;
    await harness.clock.advance(500);
    expect(lastWeight(harness)).toMatchObject({ milligrams: null, stable: false, state: 'over_limit' });
    expect(detail(harness)).toBe('scale lane 1: over_limit, 2: over_limit');
  });

  it.each([
    ['zeroScale', '1:38', '0110002600020400000000719D'],
    ['tareScale', '1:84', '011000540002047FFFFFFFDF34'],
  ] as const)('%s writes its register once', async (call, command, frame) => {
    const { harness, fake } = await bus((scale) => scale.put(1, 77));
    expect(await end(harness, harness.supervisor[call](1))).toBe('ok');
    expect(fake.zeroCommands).toEqual([command]);
    expect(harness.transport('scale').written.map(toHex)).toContain(frame);
    await harness.clock.advance(300);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 0 });
  });

  it('a refused zero says so; an unanswered one is not repeated, the next waits for its late answer', async () => {
    const { harness, fake } = await bus((scale) => scale.refuse.set(16, 6));
    expect(await end(harness, harness.supervisor.zeroScale(2))).toBe('device.refused');
    fake.units = [1];
    expect(await end(harness, harness.supervisor.zeroScale(2))).toBe('device.timeout');
    expect(await end(harness, harness.supervisor.zeroScale(2))).toBe('device.busy');
    await harness.clock.advance(2000);
    const writes = fake.received.filter((m) => m.type === 'writeRegisters');
    expect(writes.length).toBe(2);
  });

  it('a zero whose write stalls is never repeated; what waited behind it is not sent either', async () => {
    const { harness, fake } = await bus((scale) => scale.put(1, 40));
    harness.transport('scale').stallWrite = true;
    const calls = [harness.supervisor.zeroScale(1), harness.supervisor.tareScale(1)];
    const results = await Promise.all(calls.map((call) => end(harness, call)));
    expect(results).toEqual(['device.disconnected', 'device.disconnected']);
    await harness.clock.advance(5000);
    expect(harness.transports.scale.length).toBe(2);
    expect(fake.zeroCommands).toEqual([]);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 40_000 });
  });

  it('more calls than the bound: device.busy; the others are done one after the other', async () => {
    const { harness } = await bus();
    const calls = Array.from({ length: 7 }, () => harness.supervisor.zeroScale(1));
    const results = await Promise.all(calls.map((call) => end(harness, call)));
    expect(results.filter((r) => r === 'device.busy').length).toBeGreaterThanOrEqual(2);
    expect(results.filter((r) => r === 'ok').length).toBeGreaterThanOrEqual(4);
  });

  it('one silent lane is unknown, named, and does not slow the other', async () => {
    const { harness, fake } = await bus((scale) => {
      scale.put(1, 5);
      scale.put(2, 6);
    });
    fake.units = [1];
    await harness.clock.advance(2500);
    expect(lastWeight(harness, 2)).toMatchObject({ milligrams: null, state: 'unknown' });
    expect(harness.health('scale')).toBe('ready');
    expect(detail(harness)).toBe('scale lane 2: does not answer');
    const before = fake.received.filter((m) => m.unit === 1).length;
    await harness.clock.advance(10_000);
    expect(fake.received.filter((m) => m.unit === 1).length - before).toBeGreaterThanOrEqual(130);
    fake.units = [1, 2];
    await harness.clock.advance(3000);
    expect(lastWeight(harness, 2)).toMatchObject({ milligrams: 6000, state: 'ok' });
    expect(detail(harness)).toBe('');
    expect(harness.transports.scale.length).toBe(1);
  });

  it('an exception is a fault of that lane, with its name', async () => {
    const { harness, fake } = await bus();
    fake.refuse.set(3, 2);
    await harness.clock.advance(500);
    expect(lastWeight(harness)).toMatchObject({ milligrams: null, state: 'fault' });
    expect(detail(harness)).toBe('scale lane 1: answers illegal_register, 2: answers illegal_register');
    fake.refuse.clear();
    await harness.clock.advance(2000);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 0, state: 'ok' });
  });

  it('another maker: one word, low word first in writes, input registers, no flags, function 6', async () => {
    const registers = {
      ...scaleRegisterMapDefault,
      weight: { function: 4, register: 100, words: 2, signed: false, milligramsPerCount: 100 },
      wordOrder: 'low-first',
      status: null,
      zero: { function: 6, register: 9, words: 1, value: 1 },
    } as const;
    const { harness, fake } = await bus((scale) => scale.loads.set(1, 1), {
      ...modbusScaleSpec,
      registers,
    } as DeviceSpec);
    // The fake sends the high word first: 1 is read as 65 536 counts of 0.1 g.
    expect(lastWeight(harness)).toMatchObject({ milligrams: 6_553_600, stable: false });
    await harness.clock.advance(600);
    expect(lastWeight(harness)).toMatchObject({ milligrams: 6_553_600, stable: true });
    expect(await end(harness, harness.supervisor.zeroScale(1))).toBe('ok');
    expect(fake.received.some((m) => m.type === 'writeRegister' && m.register === 9)).toBe(true);
    expect(await end(harness, harness.supervisor.tareScale(1))).toBe('ok');
    expect(
      harness
        .transport('scale')
        .written.map(toHex)
        .some((hex) => hex.startsWith('01100054000204FFFF7FFF')),
    ).toBe(true);
  });

  it('without a flag a weight rests with the noise of a cheap cell too, and not while goods are taken', async () => {
    const { harness, fake } = await bus((scale) => scale.put(1, 2_000), {
      ...modbusScaleSpec,
      registers: { ...scaleRegisterMapDefault, status: null },
    } as DeviceSpec);
    const says = async (grams: number, times: number): Promise<boolean[]> => {
      const stable: boolean[] = [];
      for (let i = 0; i < times; i++) {
        fake.loads.set(1, grams + [0, 2, -3, 1, -1, 3, -2][i % 7]!);
        await harness.clock.advance(100);
        stable.push((lastWeight(harness) as { stable: boolean }).stable);
      }
      return stable;
    };
    await says(2_000, 10);
    expect(await says(2_000, 20)).not.toContain(false);
    expect((await says(1_955, 4)).slice(1)).not.toContain(true);
    await says(1_955, 6);
    expect(await says(1_955, 20)).not.toContain(false);
  });

  it('the configuration refuses what cannot be', () => {
    const { registers, lanes } = modbusScaleSpec as Extract<DeviceSpec, { protocol: 'scale-modbus' }>;
    const parses = (change: object): boolean =>
      deviceSpecSchema.safeParse({ ...modbusScaleSpec, ...change }).success;
    expect(parses({})).toBe(true);
    expect(parses({ lanes: [...lanes, { lane: 3, unitAddress: 1 }] })).toBe(false);
    expect(parses({ lanes: [...lanes, { lane: 1, unitAddress: 3 }] })).toBe(false);
    expect(parses({ lanes: [] })).toBe(false);
    const zero = { function: 6, register: 1, words: 2, value: 1 };
    expect(parses({ registers: { ...registers, zero } })).toBe(false);
    expect(parses({ registers: { ...registers, zero: { ...zero, words: 1, value: 65_536 } } })).toBe(false);
    const { registers: defaulted } = deviceSpecSchema.parse({ ...modbusScaleSpec, registers: undefined }) as {
      registers?: unknown;
    };
    expect(defaulted).toEqual(scaleRegisterMapDefault);
  });
});
