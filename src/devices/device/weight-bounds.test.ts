import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import type { WeightBounds } from '../../shared/model/scale.ts';
import { scaleRegisterMapDefault } from '../../shared/model/scale.ts';
import { bytesOfHex } from '../protocol/codec.ts';
import { encodeModbusDeviceMessage, modbusHostDecoder } from '../protocol/scale-modbus.ts';
import { hidScaleSpec, modbusScaleSpec } from '../../testkit/devices/fake-scales.ts';
import { DeviceHarness } from '../../testkit/devices/device-harness.ts';

/** Signed, unsigned and saturated numbers: a weight is within its lane's bounds, or it is none. */

async function hid(hex: string, bounds?: WeightBounds) {
  const harness = new DeviceHarness();
  harness.players.scale = () => undefined;
  await harness.up([{ ...hidScaleSpec, ...(bounds === undefined ? {} : { bounds }) }]);
  for (let i = 0; i < 12; i++) {
    harness.transport('scale').send(bytesOfHex(hex));
    await harness.clock.advance(100);
  }
  return { weight: harness.of('weight').at(-1), health: harness.supervisor.health()[0] };
}

describe('HID scale', () => {
  it.each<readonly [string, number, string]>([
    ['03040200F6FF', -10_000, 'a negative number in two’s complement'],
    ['03020200F6FF', -10_000, 'the same with the status "stable at zero"'],
    ['03030200FFFF', -1000, 'the same in motion'],
    ['04040BFFF6FF', -28_350, 'the same in tenths of an ounce'],
    ['03050200F6FF', -10_000, 'under zero, and the number negative as well'],
    ['030502000A00', -10_000, 'under zero, unsigned'],
    ['03040200409C', 40_000_000, 'a true 40 kg'],
    ['030402008C09', 2_444_000, 'a bottle'],
  ])('%s is %d mg: %s', async (hex, milligrams) => {
    const { weight, health } = await hid(hex);
    expect(weight).toMatchObject({ milligrams });
    expect(health).toMatchObject({ state: 'ready' });
  });

  it.each(['030403006400', '030405000100', '03040300E803'])(
    '%s is a fault and never a weight; ten of them are an error',
    async (hex) => {
      const { weight, health } = await hid(hex);
      expect(weight).toMatchObject({ milligrams: null, stable: false, state: 'fault' });
      expect(health).toMatchObject({ state: 'error' });
    },
  );

  it('the bounds are the lane’s own', async () => {
    const bounds = { minMilligrams: -50_000, maxMilligrams: 5_000_000 };
    expect((await hid('03040200409C', bounds)).weight).toMatchObject({ milligrams: null, state: 'fault' });
    expect((await hid('03040200CEFF', bounds)).weight).toMatchObject({ milligrams: -50_000 });
    expect((await hid('03040200CDFF', bounds)).weight).toMatchObject({ milligrams: null, state: 'fault' });
  });
});

async function modbus(values: number[], change: { signed: boolean; bounds?: WeightBounds }) {
  const { weight } = scaleRegisterMapDefault;
  const words = values.length as 1 | 2;
  const spec = {
    ...modbusScaleSpec,
    lanes: [{ lane: 1, unitAddress: 1, bounds: change.bounds }],
    registers: {
      ...scaleRegisterMapDefault,
      status: null,
      weight: { ...weight, words, signed: change.signed },
    },
  } as DeviceSpec;
  const harness = new DeviceHarness();
  harness.players.scale = (transport) => {
    const decoder = modbusHostDecoder();
    transport.onHostBytes((bytes) => {
      for (const message of decoder.push(bytes)) {
        if (message.type !== 'readRegisters') continue;
        const { unit } = message;
        transport.send(encodeModbusDeviceMessage({ type: 'registers', unit, function: 3, values }));
      }
    });
  };
  await harness.up([spec]);
  await harness.clock.advance(3000);
  return { weight: harness.of('weight').at(-1), health: harness.supervisor.health()[0] };
}

describe('load cells', () => {
  it.each([
    [[0x7fff, 0xffff], true],
    [[0x8000, 0x0000], true],
    [[0x7fff, 0xffff], false],
    [[0x8000, 0x0000], false],
    [[0x7fff], true],
    [[0x8000], true],
    [[0x7fc0, 0x0000], true],
  ] as const)('%j, signed %s: saturated, a fault', async (values, signed) => {
    const { weight, health } = await modbus([...values], { signed });
    expect(weight).toMatchObject({ milligrams: null, stable: false, state: 'fault' });
    expect(health).toMatchObject({ state: 'error' });
    expect(health?.detail).toContain('1:');
  });

  it.each([
    [[0xffff, 0xfff6], true, -10_000],
    [[0xffff, 0xfff6], false, -10_000],
    [[0xfff6], false, -10_000],
    [[0x0000, 0x9c40], true, 40_000_000],
    [[0x9c40], false, 40_000_000],
  ] as const)('%j, signed %s is %d mg', async (values, signed, milligrams) => {
    expect((await modbus([...values], { signed })).weight).toMatchObject({ milligrams });
  });

  it('the bounds are the lane’s own', async () => {
    const bounds = { minMilligrams: -1000, maxMilligrams: 200_000_000 };
    const { weight } = await modbus([0, 0xffff], { signed: true, bounds });
    expect(weight).toMatchObject({ milligrams: 65_535_000 });
    const small = { minMilligrams: -1000, maxMilligrams: 100_000 };
    expect((await modbus([0, 101], { signed: true, bounds: small })).weight).toMatchObject({
      state: 'fault',
    });
  });
});
