import { goodsFileMaxBytes } from '../../shared/console/goods.schema.ts';
import type { Failure } from '../../shared/result.ts';

/** What a spreadsheet may be at most: bytes as it is stored and unpacked, rows, columns, letters in a cell. */
export const tableBounds = {
  bytes: goodsFileMaxBytes,
  unpackedBytes: 64 * 1024 * 1024,
  rows: 50_000,
  columns: 40,
  cellLetters: 500,
} as const;

export type TableFailure = Failure<'table_unreadable'>;
/** Texts; `null`: a formula stands there, which nobody computes here. Rows as the spreadsheet numbers them, the first is 1. */
export type Table = readonly (readonly (string | null)[])[];
