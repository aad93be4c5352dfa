import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSgtin96, encodeSgtin96, normalGtin } from './epc.ts';

/** Partition table of the Tag Data Standard, written out: bits of prefix and item. */
const bits = [
  [40, 4],
  [37, 7],
  [34, 10],
  [30, 14],
  [27, 17],
  [24, 20],
  [20, 24],
] as const;

/** Bit fields put together without the library, as its own check. */
function raw(filter: number, partition: number, prefix: bigint, item: bigint, serial: bigint): string {
  const itemBits = BigInt(bits[partition]?.[1] ?? 20);
  const value =
    (0x30n << 88n) |
    (BigInt(filter) << 85n) |
    (BigInt(partition) << 82n) |
    (prefix << (38n + itemBits)) |
    (item << 38n) |
    serial;
  return value.toString(16).toUpperCase().padStart(24, '0');
}

describe('SGTIN-96', () => {
  // GS1 Tag Data Standard, example of SGTIN-96.
  it.each([
    ['3074257BF7194E4000001A85', 3, '0614141', '812345', 6789, '80614141123458'],
    ['3034257BF400B7800004CB2F', 1, '0614141', '000734', 314159, '00614141007349'],
    ['302E92272C07B4BFFFFFFFFF', 1, undefined, undefined, 274877906943, '76901234568904'],
  ] as const)('%s', (epc, filter, companyPrefix, itemReference, serial, gtin) => {
    const found = decodeSgtin96(epc);
    expect(found).toMatchObject({ ok: true, value: { filter, serial, gtin } });
    if (found.ok && companyPrefix !== undefined) {
      expect(found.value).toMatchObject({ companyPrefix, itemReference });
    }
    expect(decodeSgtin96(epc.toLowerCase())).toEqual(found);
  });

  it('decodes any fields, leading zeros kept, and encodes them back', () => {
    const fields = fc.integer({ min: 0, max: 6 }).chain((partition) =>
      fc.record({
        partition: fc.constant(partition),
        filter: fc.nat(7),
        prefix: fc.bigInt({ min: 0n, max: 10n ** BigInt(12 - partition) - 1n }),
        item: fc.bigInt({ min: 1n, max: 10n ** BigInt(partition + 1) - 1n }),
        serial: fc.bigInt({ min: 0n, max: (1n << 38n) - 1n }),
      }),
    );
    fc.assert(
      fc.property(fields, ({ partition, filter, prefix, item, serial }) => {
        const epc = raw(filter, partition, prefix, item, serial);
        const found = decodeSgtin96(epc);
        const companyPrefix = prefix.toString().padStart(12 - partition, '0');
        const itemReference = item.toString().padStart(partition + 1, '0');
        expect(found).toMatchObject({
          value: { filter, partition, companyPrefix, itemReference, serial: Number(serial) },
        });
        if (!found.ok) return;
        const { gtin } = found.value;
        expect(gtin.slice(0, 13)).toBe(itemReference.slice(0, 1) + companyPrefix + itemReference.slice(1));
        expect(normalGtin(gtin)).toBe(gtin);
        const again = encodeSgtin96({ gtin, prefixDigits: 12 - partition, filter, serial: Number(serial) });
        expect(again).toEqual({ ok: true, value: epc });
      }),
    );
  });

  it.each([
    ['', 'epc.bad_length'],
    ['3074257BF7194E4000001A', 'epc.bad_length'],
    ['3074257BF7194E4000001A8500', 'epc.bad_length'],
    ['3074257BF7194E4000001AZZ', 'epc.bad_length'],
    ['E28011606000020000000001', 'epc.bad_header'],
    ['3674257BF7194E4000001A85', 'epc.bad_header'],
    [raw(1, 7, 1n, 1n, 1n), 'epc.bad_partition'],
    [raw(1, 5, 10_000_000n, 1n, 1n), 'epc.bad_field'],
    [raw(1, 5, 1n, 1_000_000n, 1n), 'epc.bad_field'],
    [raw(1, 0, 1n, 10n, 1n), 'epc.bad_field'],
    ['300000000000000000000000', 'epc.bad_field'],
  ])('refuses %s with %s', (epc, code) => {
    expect(decodeSgtin96(epc)).toMatchObject({ ok: false, error: { code } });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array({ minLength: 11, maxLength: 11 })), (any) => {
        const text = typeof any === 'string' ? any : `30${Buffer.from(any).toString('hex')}`;
        const found = decodeSgtin96(text);
        return !found.ok || normalGtin(found.value.gtin) !== null;
      }),
    );
  });

  const good = { gtin: '06901234567892', prefixDigits: 7, filter: 1, serial: 1 };
  it.each([
    [{ ...good, gtin: '06901234567893' }, 'epc.bad_field'],
    [{ ...good, gtin: '0690123456789' }, 'epc.bad_field'],
    [{ ...good, gtin: '00000000000000' }, 'epc.bad_field'],
    [{ ...good, prefixDigits: 5 }, 'epc.bad_partition'],
    [{ ...good, prefixDigits: 13 }, 'epc.bad_partition'],
    [{ ...good, filter: 8 }, 'epc.bad_field'],
    [{ ...good, serial: 2 ** 38 }, 'epc.bad_field'],
    [{ ...good, serial: -1 }, 'epc.bad_field'],
    [{ ...good, serial: 1.5 }, 'epc.bad_field'],
  ])('does not encode %j', (parts, code) => {
    expect(encodeSgtin96(parts)).toMatchObject({ ok: false, error: { code } });
  });

  it('knows all lengths of a GTIN', () => {
    expect(normalGtin('6901234567892')).toBe('06901234567892');
    expect(normalGtin('96385074')).toBe('00000096385074');
    expect(normalGtin('614141007349')).toBe('00614141007349');
    expect(normalGtin('690123456789')).toBeNull();
    expect(normalGtin('6901234567893')).toBeNull();
    expect(normalGtin('690123456789x')).toBeNull();
  });
});
