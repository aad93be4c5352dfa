import { beforeEach, describe, expect, test } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { DeviceHarness } from '../../testkit/devices/device-harness.ts';
import { bytesOfHex, toHex } from '../protocol/codec.ts';
import { temperaturePeriodMs } from './thermometer.ts';

/** Thermometers at the other end of the line, byte for byte. */

const tcp = { kind: 'tcp', host: 'cabinet', port: 1 } as const;
const modbus: DeviceSpec = {
  ...{ kind: 'thermometer', protocol: 'thermometer-modbus', unitAddress: 1 },
  transport: { ...tcp, framing: 'stream' },
  register: { function: 4, register: 1, milliCelsiusPerCount: 100 },
};
const temper = (sensor: 'inner' | 'outer', countsPerDegree: 100 | 256): DeviceSpec => ({
  ...{ kind: 'thermometer', protocol: 'thermometer-temper', sensor, countsPerDegree },
  transport: { ...tcp, framing: 'report' },
});
let harness: DeviceHarness;
let asked: string[];
/** What it answers to each question, as hex. */
let answers: readonly string[];
beforeEach(() => {
  harness = new DeviceHarness();
  asked = [];
  harness.players.thermometer = (transport) => {
    transport.onHostBytes((bytes) => {
      asked.push(toHex(bytes));
      harness.clock.after(20, () => {
        for (const one of answers) transport.send(bytesOfHex(one));
      });
    });
  };
});
const read = (): number[] => harness.of('temperature').map((one) => one.milliCelsius);

describe('on Modbus', () => {
  test('asks for its register and reads tenths, below zero too', async () => {
    answers = ['010402003238E5'];
    await harness.up([modbus]);
    expect(asked).toEqual(['010400010001600A']);
    expect(read()).toEqual([5_000]);
    answers = ['010402FFCE7954'];
    await harness.clock.advance(temperaturePeriodMs + 100);
    expect(read()).toEqual([5_000, -5_000]);
    expect(harness.health('thermometer')).toBe('ready');
  });
});

describe('a TEMPer', () => {
  const both = ['80800B544E200000', '800109CA4E200000'];
  test.each([
    ['inner', 29_000],
    ['outer', 25_060],
  ] as const)('with two sensors: the %s one is read', async (sensor, milliCelsius) => {
    answers = both;
    await harness.up([temper(sensor, 100)]);
    expect(asked).toEqual(['0180330100000000']);
    expect(read()).toEqual([milliCelsius]);
  });

  test('of an older firmware counts 256 to a degree', async () => {
    answers = ['8002FF8000000000'];
    await harness.up([temper('inner', 256)]);
    expect(read()).toEqual([-500]);
  });

  test('without its sensor is no thermometer: an error after a while, never a temperature', async () => {
    answers = ['80804E204E200000'];
    await harness.up([temper('inner', 100)]);
    await harness.clock.advance(12 * (temperaturePeriodMs + 100));
    expect(read()).toEqual([]);
    expect(harness.health('thermometer')).toBe('error');
  });
});

test('one that does not answer is silent, and well again when it does', async () => {
  answers = [];
  await harness.up([modbus]);
  await harness.clock.advance(4 * (temperaturePeriodMs + 1_100));
  expect(harness.health('thermometer')).toBe('silent');
  answers = ['010402003238E5'];
  await harness.clock.advance(temperaturePeriodMs + 1_200);
  expect(harness.health('thermometer')).toBe('ready');
  expect(read()).toEqual([5_000]);
});

test('one that hangs until it is opened anew is opened anew', async () => {
  harness.players.thermometer = (transport) => {
    const isHanging = harness.transports.thermometer.length === 1;
    transport.onHostBytes(() => {
      if (!isHanging) transport.send(bytesOfHex('010402003238E5'));
    });
  };
  await harness.up([modbus]);
  expect(read()).toEqual([]);
  await harness.clock.advance(90_000);
  expect(harness.health('thermometer')).toBe('ready');
  expect(read()).toEqual(expect.arrayContaining([5_000]));
});
