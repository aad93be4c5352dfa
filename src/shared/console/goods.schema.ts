import { z } from 'zod';
import { lineCountMax } from '../model/basket.ts';
import { keptPictureSchema, pictureSchema } from '../model/goods-picture.schema.ts';

/** What may be wrong in a spreadsheet of goods; `other_unit` alone is a warning. */
export const goodsProblemCodes = [
  'column_twice',
  'column_missing',
  'formula',
  /** Letters that nobody sees. */
  'unseen',
  /** It begins as a formula does. */
  'as_formula',
  /** It stands in another row already (`about`: in which). */
  'twice',
  'no_epc',
  /** Several numbers, and one of them shorter than any tag's: one number that was written with blanks in it. */
  'in_pieces',
  /** The number begins with the tag's PC word (`about`: without it). */
  'pc_word',
  /** A tag's row whose article has none of its own. */
  'no_article',
  'too_many',
  'bad_sku',
  'bad_name',
  'bad_price',
  'bad_weight',
  'bad_gtin',
  'bad_picture',
  /** Whatever else the service would not take. */
  'refused',
  /** A price is a hundred times what it was, or the reverse. */
  'other_unit',
] as const;

export const goodsProblemSchema = z.object({
  /** As the spreadsheet numbers them; null: of the whole. */
  row: z.number().nullable(),
  column: z.string().nullable(),
  code: z.enum(goodsProblemCodes),
  /** What stands there, or what should. */
  about: z.string(),
  /** In English. */
  what: z.string(),
});
export type GoodsProblem = z.infer<typeof goodsProblemSchema>;

/** A spreadsheet of goods, at most so many bytes; base64 makes four of three. */
export const goodsFileMaxBytes = 8 * 1024 * 1024;
export const goodsCheckRequestSchema = z.object({
  /** What the catalogue will be called. */
  version: z
    .string()
    .trim()
    .regex(/^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$/),
  /** CSV or XLSX, in base64. */
  file: z.base64().max(Math.ceil(goodsFileMaxBytes / 3) * 4),
  /** Pictures that were sent before (`addPicture`), each with the name of the file that it was. */
  pictures: z
    .array(z.object({ file: z.string().min(1).max(200), name: keptPictureSchema }))
    .max(lineCountMax)
    .optional(),
  /** The same of pictures that stood in the spreadsheet itself (`goodsFilePictures`), by row. */
  rowPictures: z
    .array(z.object({ row: z.number().int().min(1), name: keptPictureSchema }))
    .max(lineCountMax)
    .optional(),
});
/** A spreadsheet, for the pictures in it. */
export const goodsFilePicturesRequestSchema = goodsCheckRequestSchema.pick({ file: true });
/**
 * Why a picture of a spreadsheet is not taken: it lies over no row of goods; its row has one already; it is no PNG, JPEG or WebP,
 * or not in the file; too small to see anything; too large to be drawn; there are more than there may be.
 */
export const leftPictureSchema = z.object({
  row: z.number().nullable(),
  why: z.enum(['no_row', 'second', 'no_picture', 'too_small', 'too_large', 'too_many']),
});
export type LeftPicture = z.infer<typeof leftPictureSchema>;
/** Bytes as they stand in the file, for the page to make small; which of them stands in which row; what is not taken. */
export const goodsFilePicturesSchema = z.object({
  /** Why no picture of it can be read, in English; null: they can, or there are none. */
  unreadable: z.string().nullable(),
  pictures: z.array(z.object({ data: z.string(), type: z.string() })).readonly(),
  rows: z.array(z.object({ row: z.number(), picture: z.number() })).readonly(),
  left: z.array(leftPictureSchema).readonly(),
});
export type GoodsFilePictures = z.infer<typeof goodsFilePicturesSchema>;
export const addPictureRequestSchema = z.object({ data: pictureSchema.shape.data });
export const addedPictureSchema = z.object({ name: keptPictureSchema });

const priceChangeSchema = z.object({ sku: z.string(), beforeMinor: z.number(), afterMinor: z.number() });
export const goodsCheckSchema = z.object({
  /** Why nothing of it can be read, in English; null: it can. */
  unreadable: z.string().nullable(),
  problems: z.array(goodsProblemSchema).readonly(),
  warnings: z.array(goodsProblemSchema).readonly(),
  /** What it makes, and what is another one then; null: nothing, because something is wrong. */
  made: z
    .object({
      articles: z.number(),
      added: z.array(z.string()).readonly(),
      gone: z.array(z.string()).readonly(),
      prices: z.array(priceChangeSchema).readonly(),
      tags: z.object({ before: z.number(), after: z.number() }),
      /** The catalogue as a file, as the service reads it at its start. */
      file: z.string(),
    })
    .nullable(),
});
export type GoodsCheck = z.infer<typeof goodsCheckSchema>;

/** As a check, and kept where nothing is wrong: by this number it can be put in force. */
export type GoodsCheckRequest = z.infer<typeof goodsCheckRequestSchema>;
export const goodsDraftSchema = z.object({ check: goodsCheckSchema, number: z.number().nullable() });
export type GoodsDraft = z.infer<typeof goodsDraftSchema>;
/** Newest first; one is in force, those above it were made and are not. */
export const catalogListSchema = z.object({
  inForce: z.number().nullable(),
  catalogs: z
    .array(
      z.object({
        number: z.number(),
        version: z.string(),
        madeBy: z.string(),
        madeAtMs: z.number(),
        wasInForce: z.boolean(),
      }),
    )
    .readonly(),
});
export type CatalogList = z.infer<typeof catalogListSchema>;
