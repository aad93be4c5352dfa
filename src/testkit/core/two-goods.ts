import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { minor } from '../../shared/money.ts';

const product = (sku: string, priceMinor: number): Catalog['products'][number] => ({
  ...{ sku, name: { zh: sku, en: sku }, priceMinor: minor(priceMinor), weightG: 1, picture: 'x' },
});

/** A cola (A001) at 3.50 and a bag of chips (B001) at 7.80. */
export const twoGoods: Catalog = {
  version: 'v1',
  currency: 'CNY',
  products: [product('COLA', 350), product('CHIP', 780)],
  tags: [
    { epc: 'A001', sku: 'COLA' },
    { epc: 'B001', sku: 'CHIP' },
  ],
};
