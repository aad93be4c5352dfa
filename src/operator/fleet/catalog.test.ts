import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sign, verify } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCatalog, serveCatalog } from './catalog.ts';
import { loadMemberCodeKeys } from '../members/member-code-keys.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-operator-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, text: string | Buffer): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('the catalogue', () => {
  it('is served as it stands in the file', () => {
    const loaded = loadCatalog(file('good.json', JSON.stringify(sampleCatalog)));
    expect(loaded).toMatchObject({
      ok: true,
      value: { catalog: sampleCatalog, text: JSON.stringify(sampleCatalog) },
    });
  });

  it('is refused when it cannot be read or is wrong', () => {
    expect(loadCatalog(join(folder, 'none.json'))).toMatchObject({ error: { code: 'catalog_unreadable' } });
    expect(loadCatalog(folder)).toMatchObject({ error: { code: 'catalog_unreadable' } });
    expect(loadCatalog(file('cut.json', '{"version":'))).toMatchObject({ error: { code: 'catalog_wrong' } });
    const [product] = sampleCatalog.products;
    const [tag] = sampleCatalog.tags;
    for (const wrong of [
      {},
      { ...sampleCatalog, products: [] },
      { ...sampleCatalog, products: [{ ...product, priceMinor: 3.5 }] },
      { ...sampleCatalog, products: [product, product] },
      { ...sampleCatalog, products: [{ ...product, gtin: '6901234567893' }], tags: [] },
      {
        ...sampleCatalog,
        products: [
          { ...product, gtin: '6901234567892' },
          { ...product, sku: 'OTHER', gtin: '06901234567892' },
        ],
        tags: [],
      },
      { ...sampleCatalog, tags: [tag, tag] },
      {
        ...sampleCatalog,
        tags: ['3034257BF400B7800004CB2F', '3034257BF400B7800004CB2F00000000'].map((epc) => ({
          ...tag,
          epc,
        })),
      },
      { ...sampleCatalog, tags: [{ ...tag, sku: 'NONE' }] },
    ])
      expect(serveCatalog(wrong, 'test')).toMatchObject({ ok: false, error: { code: 'catalog_wrong' } });
  });
});

describe('a tag with its PC word in front', () => {
  const [tag] = sampleCatalog.tags;
  const served = (epc: string) => serveCatalog({ ...sampleCatalog, tags: [{ ...tag, epc }] }, 'test');

  it.each([
    '3000E20000172211011018905459',
    '34003034257BF400B7800004CB2F',
    '1000E2801160',
    '4000'.padEnd(36, 'AB'),
    '320000013034257BF400B7800004CB2F',
  ])('%s is refused with the reason', (epc) => {
    expect(served(epc)).toMatchObject({ ok: false, error: { code: 'catalog_wrong' } });
    expect(served(epc)).toMatchObject({ error: { message: expect.stringContaining('PC word') as string } });
  });

  it.each([
    'E20000172211011018905459',
    '30347A18840002800000004D',
    // An SGTIN-96 and a word of zeros: its header looks like the word count of six.
    '3034257BF400B7800004CB2F0000',
    '300000000000000000000001',
    'E280',
  ])('%s has none', (epc) => {
    expect(served(epc)).toMatchObject({ ok: true });
  });
});

describe('the member-code key', () => {
  it('is made once, for its owner only, and is the same at the next start', () => {
    const name = join(folder, 'new', 'key.pem');
    const [first, second] = [loadMemberCodeKeys(name), loadMemberCodeKeys(name)];
    if (!first.ok || !second.ok) throw new Error('a fresh folder takes a key');
    const signature = sign(null, Buffer.from('x'), first.value.privateKey);
    expect(verify(null, Buffer.from('x'), second.value.publicKey, signature)).toBe(true);
    expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it('is never replaced when the file is damaged', () => {
    const name = file('broken.pem', 'not a key');
    expect(loadMemberCodeKeys(name)).toMatchObject({ ok: false, error: { code: 'key_unreadable' } });
    expect(statSync(name).size).toBe('not a key'.length);
    expect(loadMemberCodeKeys(join(name, 'in-a-file.pem'))).toMatchObject({
      error: { code: 'key_unreadable' },
    });
  });
});
