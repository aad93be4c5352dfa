import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sign, verify } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCatalog, serveCatalog } from './catalog.ts';
import { loadMemberCodeKeys } from '../members/member-code-keys.ts';
import { sampleCatalog } from '../testing/harness.ts';

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
      { ...sampleCatalog, tags: [{ ...tag, sku: 'NONE' }] },
    ])
      expect(serveCatalog(wrong, 'test')).toMatchObject({ ok: false, error: { code: 'catalog_wrong' } });
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
