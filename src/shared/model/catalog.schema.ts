import { lineCountMax } from './basket.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { readsAsWritten } from '../util/plain-words.ts';
import { z } from 'zod';

/** Goods as the operator sells them. EPC = the 96-bit (or longer) number in an RFID tag, upper-case hex. */
/** `__proto__` is no key of a table as others are, and whatever is counted by it would be lost. */
export const skuSchema = z.string().regex(/^(?!__proto__$)[A-Za-z0-9_-]{1,32}$/);
export const epcSchema = z.string().regex(/^(?:[0-9A-F]{4}){1,16}$/);

export const localTextSchema = z.object({ zh: z.string().min(1).max(60), en: z.string().min(1).max(60) });
export type LocalText = z.infer<typeof localTextSchema>;
/** As somebody draws it up. */
export const writtenTextSchema = localTextSchema.refine(
  ({ zh, en }) => readsAsWritten(zh) && readsAsWritten(en),
  'signs that nobody sees',
);

export const productSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  priceMinor: minorSchema,
  /** Net mass as the scale sees it, grams. */
  weightG: z.number().int().min(1).max(50_000),
  /** GTIN-8/12/13/14 with its check digit, where the goods carry one: tags with this GTIN (SGTIN-96) are this product. */
  gtin: z
    .string()
    .regex(/^\d{8,14}$/)
    .optional(),
  /** Name of the picture in the app's own resources (resources/catalog/<picture>.svg). */
  picture: z.string().regex(/^[a-z0-9-]{1,40}$/),
});
export type Product = z.infer<typeof productSchema>;

/** Tags that a catalogue may name. */
export const tagCountMax = 20_000;

export const catalogSchema = z.object({
  version: z.string().min(1).max(64),
  currency: currencySchema,
  products: z.array(productSchema).min(1).max(lineCountMax),
  /** Which tag hangs on which product. Tags that are not in here are known by the GTIN in them (core/basket/tag-lookup). */
  tags: z.array(z.object({ epc: epcSchema, sku: skuSchema })).max(tagCountMax),
});
export type Catalog = z.infer<typeof catalogSchema>;
