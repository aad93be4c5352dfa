/**
 * Why goods have no product, so that they are on no bill: staff and support read it in the alarm, and on it depends what
 * they mend. It is told in the free words of an alarm, which an operator of any version takes; among the reasons of a
 * charge (`ChargeBody.review`) an operator from before would refuse a word that it does not know, and with it the charge.
 */
export const unnamedGoods = [
  'goods_of_no_product', // no entry of the catalogue is about this tag
  'goods_of_two_products', // the tag, or the GTIN in it, is of two products
  'goods_at_two_prices', // their article is in the catalogue twice
] as const;
export type UnnamedGoods = (typeof unnamedGoods)[number];
