import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogFolder, loadSampleCatalog } from './catalog.ts';

const catalog = loadSampleCatalog();

/** SGTIN-96, partition 5: header 8 | filter 3 | partition 3 | prefix 24 | item 20 | serial 38 (GS1 TDS). */
function gtin13Of(epc: string): string {
  const bits = BigInt(`0x${epc}`);
  expect([bits >> 88n, (bits >> 82n) & 7n]).toEqual([0x30n, 5n]);
  const prefix = String((bits >> 58n) & 0xffffffn).padStart(7, '0');
  // The first item digit is the indicator; 0 for a single item.
  const item = String((bits >> 38n) & 0xfffffn).padStart(6, '0');
  expect(item[0]).toBe('0');
  const body = prefix + item.slice(1);
  const sum = Array.from(body, Number).reduce((all, digit, i) => all + digit * (i % 2 === 0 ? 1 : 3), 0);
  return body + String((10 - (sum % 10)) % 10);
}

test('twelve products, each with a picture and two or three tags', () => {
  expect(catalog.products).toHaveLength(12);
  for (const { sku, picture } of catalog.products) {
    expect([sku, existsSync(`${catalogFolder}${picture}.svg`)]).toEqual([sku, true]);
    expect([2, 3]).toContain(catalog.tags.filter((tag) => tag.sku === sku).length);
  }
  expect(new Set(catalog.tags.map((tag) => tag.epc)).size).toBe(catalog.tags.length);
});

test('what carries a GTIN has it in its tags; the other labels carry raw chip numbers', () => {
  const gtins = new Map(catalog.products.map((product) => [product.sku, product.gtin]));
  for (const { epc, sku } of catalog.tags) {
    const gtin = gtins.get(sku);
    if (gtin === undefined) expect(epc).toMatch(/^E2801160[0-9A-F]{16}$/);
    else expect(gtin13Of(epc)).toBe(gtin);
  }
});
