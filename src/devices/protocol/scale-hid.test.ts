import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, toHex } from './codec.ts';
import { milligramsOf, scaleHidCodec, scaleWeightSchema, weightMaxMilligrams } from './scale-hid.ts';
import type { ScaleUnit, ScaleWeight } from './scale-hid.ts';

const statusNames = scaleWeightSchema.shape.status.options;
const unitNames = scaleWeightSchema.shape.unit.options;

const weight: fc.Arbitrary<ScaleWeight> = fc.record({
  type: fc.constant('weight'),
  reportId: fc.constantFrom<3 | 4>(3, 4),
  status: fc.constantFrom(...statusNames),
  unit: fc.constantFrom(...unitNames),
  exponent: fc.integer({ min: -128, max: 127 }),
  value: fc.integer({ min: 0, max: 0xffff }),
  padding: fc.integer({ min: 0, max: 58 }),
});

function reading(change: Partial<ScaleWeight>): ScaleWeight {
  return {
    type: 'weight',
    reportId: 3,
    status: 'stable',
    unit: 'gram',
    exponent: 0,
    value: 0,
    padding: 0,
    ...change,
  };
}

describe('HID scale reports', () => {
  it('decode what was encoded, every status, unit and exponent', () => {
    expect([statusNames.length, unitNames.length]).toEqual([10, 12]);
    fc.assert(
      fc.property(weight, (message) => {
        const bytes = scaleHidCodec.encodeDeviceMessage(message);
        expect(scaleHidCodec.decodeDeviceFrame(bytes)).toEqual({ ok: true, value: message });
      }),
      { numRuns: 500 },
    );
  });

  it('any six bytes either are a report that encodes to them, or are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), fc.boolean(), (bytes, isWeight) => {
        if (isWeight) bytes.set([3, bytes[1]! & 0x07, bytes[2]! & 0x0f]);
        const message = scaleHidCodec.decodeDeviceFrame(bytes);
        if (message.ok) expect(toHex(scaleHidCodec.encodeDeviceMessage(message.value))).toBe(toHex(bytes));
        else expect(message.error.code).toMatch(/^codec\.bad_(head|field)$/);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['0304020088', 'codec.too_short'],
    [`0304020088${'00'.repeat(60)}`, 'codec.too_long'],
    ['020402008800', 'codec.bad_head'],
    ['030002008800', 'codec.bad_field'], // no such status
    ['030902008800', 'codec.bad_field'],
    ['030400008800', 'codec.bad_field'], // no such unit
    ['03040D008800', 'codec.bad_field'],
  ])('%s is refused with %s', (hex, code) => {
    expect(scaleHidCodec.decodeDeviceFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  it('what stands in the padding means nothing', () => {
    expect(scaleHidCodec.decodeDeviceFrame(bytesOfHex('030402008800AABB'))).toEqual({
      ok: true,
      value: reading({ value: 136, padding: 2 }),
    });
  });

  it.each([
    ['0200', false, false],
    ['0201', false, true],
    ['0202', true, false],
    ['0203', true, true],
  ])('command %s: zero %s, enforced zero return %s', (hex, zero, enforcedZeroReturn) => {
    const message = { type: 'command', zero, enforcedZeroReturn } as const;
    expect(scaleHidCodec.decodeHostFrame(bytesOfHex(hex))).toEqual({ ok: true, value: message });
    expect(toHex(scaleHidCodec.encodeHostMessage(message))).toBe(hex);
  });

  it.each([
    ['02', 'codec.too_short'],
    ['020200', 'codec.too_long'],
    ['0302', 'codec.bad_head'],
  ])('command %s is refused with %s', (hex, code) => {
    expect(scaleHidCodec.decodeHostFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });
});

describe('weights in milligrams', () => {
  it.each<[number, number, ScaleUnit, number]>([
    [2444, 0, 'gram', 2_444_000],
    [1234, -3, 'kilogram', 1_234_000],
    [958, -1, 'ounce', 2_715_884], // 95.8 × 28 349.523125 = 2 715 884.315…
    [1, 0, 'ounce', 28_350], // 28 349.52…
    [1, 0, 'pound', 453_592],
    [1, 1, 'pound', 4_535_924], // rounded once, not ten times 453 592
    [1, 0, 'troy_ounce', 31_103],
    [1, 0, 'pennyweight', 1555],
    [1, 0, 'grain', 65],
    [1, 0, 'carat', 200],
    [5, -1, 'milligram', 1], // half away from zero
    [4, -1, 'milligram', 0],
    [1, 0, 'metric_ton', 1_000_000_000],
    [0, 127, 'kilogram', 0],
    [65_535, -128, 'metric_ton', 0],
    [1000, 0, 'metric_ton', weightMaxMilligrams],
  ])('%i × 10^%i %s = %i mg', (value, exponent, unit, milligrams) => {
    expect(milligramsOf(reading({ value, exponent, unit }))).toBe(milligrams);
  });

  it('under zero is negative, and never a negative zero', () => {
    expect(milligramsOf(reading({ status: 'under_zero', value: 12 }))).toBe(-12_000);
    expect(milligramsOf(reading({ status: 'under_zero', value: 0 }))).toBe(0);
  });

  it('what no scale weighs, and units that are several, are no weight', () => {
    expect(milligramsOf(reading({ value: 1001, unit: 'metric_ton' }))).toBeNull();
    expect(milligramsOf(reading({ value: 1, exponent: 127 }))).toBeNull();
    expect(milligramsOf(reading({ value: 1, unit: 'tael' }))).toBeNull();
    expect(milligramsOf(reading({ value: 1, unit: 'avoir_ton' }))).toBeNull();
  });

  it('is always a whole number, and grows with the value', () => {
    fc.assert(
      fc.property(weight, (one) => {
        const milligrams = milligramsOf(one);
        fc.pre(milligrams !== null && one.value < 0xffff);
        expect(Number.isSafeInteger(milligrams)).toBe(true);
        const more = milligramsOf({ ...one, value: one.value + 1 });
        if (more !== null) expect(Math.abs(more)).toBeGreaterThanOrEqual(Math.abs(milligrams));
      }),
    );
  });
});
