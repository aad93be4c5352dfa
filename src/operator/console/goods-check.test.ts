import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { goodsFileMaxBytes } from '../../shared/console/goods.schema.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { serveCatalog } from '../fleet/catalog.ts';
import { staffAct } from '../storage/schema.ts';

onStorage('a spreadsheet of goods in the console', (harness) => {
  const head = 'sku,name_zh,price,weight_g\n';
  const admin = async () => (await new ConsolePeople(harness()).first()).browser;
  const asked = (text: string | Buffer, version = '2026-12-01') => ({
    version,
    file: Buffer.from(text).toString('base64'),
  });

  it('that is right makes the file that the service reads, and changes nothing', async () => {
    const browser = await admin();
    const before = await harness().db.select().from(staffAct);
    const checked = await browser.call('checkGoods', asked(`${head}tea,茶,4.50,500\n`));
    assert(checked.ok && checked.value.made !== null, JSON.stringify(checked));
    const { made, problems } = checked.value;
    expect(problems).toEqual([]);
    expect(made).toMatchObject({ articles: 1, added: ['tea'], prices: [] });
    const served = serveCatalog(JSON.parse(made.file), 'made');
    expect(served.ok && served.value.catalog).toMatchObject({
      version: '2026-12-01',
      products: [{ sku: 'tea', priceMinor: 450 }],
    });
    const setUp = await browser.call('setUp', undefined);
    expect(setUp).toMatchObject({ value: { catalog: { version: 'test-1', articles: 8 } } });
    expect(await harness().db.select().from(staffAct)).toEqual(before);
  });

  it('that is hostile is refused row by row, with a code for the words of any language', async () => {
    const browser = await admin();
    const rows = [
      ...['tea,茶,4.50,500', 'tea,茶,4.50,500', 'milk,牛奶,4.50元/瓶,1.5kg', 'egg,=HYPERLINK("x"),1,60'],
      'cola,可\u202e乐,3,330',
    ];
    const checked = await browser.call('checkGoods', asked(head + rows.join('\n')));
    assert(checked.ok, JSON.stringify(checked));
    const { problems, made, unreadable } = checked.value;
    expect({ made, unreadable }).toEqual({ made: null, unreadable: null });
    const said = problems.map(({ row, code }) => `${row ?? ''} ${code}`);
    expect(said).toEqual(
      expect.arrayContaining(['3 twice', '4 bad_price', '4 bad_weight', '5 as_formula', '6 unseen']),
    );
  });

  it('of 50,000 rows, or that is a picture, is refused in words', async () => {
    const browser = await admin();
    const many = Array.from({ length: 49_999 }, (_none, at) => `s${at},商品,1.00,10`).join('\n');
    const long = await browser.call('checkGoods', asked(head + many));
    assert(long.ok, 'a long one is read');
    expect(long.value.problems).toMatchObject([{ code: 'too_many', about: String(lineCountMax) }]);
    const longer = await browser.call('checkGoods', asked(`${head}${many}\nlast,商品,1.00,10\n`));
    expect(longer).toMatchObject({ value: { unreadable: expect.stringContaining('50000 rows') as string } });
    const picture = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const drawn = await browser.call('checkGoods', asked(picture));
    expect(drawn).toMatchObject({ value: { made: null, unreadable: expect.any(String) as string } });
    const large = await browser.call('checkGoods', asked(Buffer.alloc(goodsFileMaxBytes + 3)));
    expect(large).toMatchObject({ status: 400 });
  });

  it('is tried by administrators alone', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const other = await people.another(browser, 'ben', 'support');
    expect(await other.browser.call('checkGoods', asked(head))).toMatchObject({ status: 403 });
  });
});
