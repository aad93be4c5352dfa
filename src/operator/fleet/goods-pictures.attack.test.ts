import { deflateSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { pictureMaxBytes, pictureMaxSide } from '../../shared/model/goods-picture.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { goodsPictureUnusedMs, goodsPicturesMax } from '../limits.ts';
import { goodsPicture } from '../storage/schema.ts';

/** The beginning of a PNG of that size, and something behind it; nobody draws it here. */
function png(width: number, height: number, of = 'a'): Buffer {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write('IHDR', 4, 'latin1');
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), header, deflateSync(of)]);
}

onStorage('pictures of goods', (harness) => {
  const admin = async () => (await new ConsolePeople(harness()).first()).browser;
  const send = (browser: ConsoleBrowser, picture: Buffer) =>
    browser.call('addPicture', { data: picture.toString('base64') });
  const sent = async (browser: ConsoleBrowser, picture: Buffer): Promise<string> => {
    const done = await send(browser, picture);
    assert(done.ok, JSON.stringify(done));
    return done.value.name;
  };
  const rows = () => harness().db.select().from(goodsPicture);

  it('are kept once under the name of what they are, and given to cabinets alone', async () => {
    const browser = await admin();
    const picture = png(300, 200);
    const name = await sent(browser, picture);
    expect(await sent(browser, picture)).toBe(name);
    expect(await rows()).toHaveLength(1);
    const answer = await harness().send('GET', `/v1/pictures/${name}`);
    expect(answer).toMatchObject({
      status: 200,
      body: { type: 'image/png', data: picture.toString('base64') },
    });
    expect(await harness().send('GET', `/v1/pictures/sha-${'0'.repeat(32)}`)).toMatchObject({ status: 404 });
    expect(await harness().send('GET', '/v1/pictures/..%2Fsecret')).toMatchObject({ status: 400 });
    const unsigned = await harness().app.inject({ method: 'GET', url: `/v1/pictures/${name}` });
    expect(unsigned.statusCode).toBe(401);
  });

  it('are refused where they are none, too large, or of too many pixels', async () => {
    const browser = await admin();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>');
    const bomb = png(60_000, 60_000);
    const wide = png(pictureMaxSide + 1, 10);
    const long = Buffer.concat([png(10, 10), Buffer.alloc(pictureMaxBytes)]);
    for (const picture of [Buffer.alloc(0), svg, bomb, wide, long, png(0, 10), png(10, 10).subarray(0, 20)])
      expect(await send(browser, picture)).toMatchObject({ ok: false });
    expect(await rows()).toEqual([]);
    const people = new ConsolePeople(harness());
    const sam = (await people.another(browser, 'sam', 'support')).browser;
    expect(await send(sam, png(10, 10))).toMatchObject({ status: 403 });
  });

  it('go into the catalogue by the file’s name, by the article’s, or stay', async () => {
    const browser = await admin();
    const [one, two] = [await sent(browser, png(10, 10, '1')), await sent(browser, png(10, 10, '2'))];
    const rows = [
      'A1,水,3.50,500,Water.PNG',
      'B2,可乐,6.00,330,',
      'C3,茶,2.00,500,',
      'D4,奶,31.00,500,milk-box',
    ];
    const sheet = ['sku,name_zh,price,weight_g,picture', ...rows].join('\n');
    const pictures = [
      { file: 'water.png', name: one },
      { file: 'b2.jpeg', name: two },
    ];
    const asked = { version: 'with-pictures', file: Buffer.from(sheet).toString('base64'), pictures };
    const done = await browser.call('draftGoods', asked);
    assert(done.ok && done.value.check.made !== null, JSON.stringify(done));
    const { products } = JSON.parse(done.value.check.made.file) as { products: { picture: string }[] };
    // What had one keeps it: that of the test's catalogue.
    expect(products.map(({ picture }) => picture)).toEqual([one, two, 'water', 'milk-box']);
    const stray = { ...asked, file: Buffer.from(sheet.replace('Water.PNG', 'other.png')).toString('base64') };
    const refused = await browser.call('checkGoods', stray);
    expect(refused).toMatchObject({ value: { made: null, problems: [{ row: 2, code: 'bad_picture' }] } });
  });

  it('are bounded; those that a kept catalogue names stay', async () => {
    const browser = await admin();
    const used = await sent(browser, png(10, 10, 'used'));
    const file = Buffer.from('sku,name_zh,price,weight_g\nA1,水,3.50,500\n').toString('base64');
    await browser.call('draftGoods', { version: 'v', file, pictures: [{ file: 'A1.png', name: used }] });
    const { db, clock } = harness();
    const madeAtMs = clock.nowMs();
    const many = Array.from({ length: goodsPicturesMax - 1 }, (_none, at) => ({
      name: `sha-${at.toString(16).padStart(32, '0')}`,
      ...{ type: 'image/png' as const, picture: Buffer.from([at & 255]), madeAtMs },
    }));
    await db.insert(goodsPicture).values(many);
    expect(await send(browser, png(10, 10, 'fresh'))).toMatchObject({ ok: false, status: 503 });
    await db.update(goodsPicture).set({ madeAtMs: madeAtMs - goodsPictureUnusedMs - 1 });
    const fresh = await sent(browser, png(10, 10, 'fresh'));
    expect((await rows()).map(({ name }) => name).sort()).toEqual([used, fresh].sort());
    expect(await db.$count(goodsPicture, eq(goodsPicture.name, used))).toBe(1);
  });
});
