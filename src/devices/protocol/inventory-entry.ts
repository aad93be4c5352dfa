import { z } from 'zod';
import { hexSchema } from './codec.ts';

/**
 * One tag in an inventory frame that holds several. A tag whose number is blank (length 0 is legal in Gen2), of an odd length
 * or marked in the top bit of its length says nothing that could be sold, but must not cost its neighbours: it is kept as it
 * came and found by `isWholeEpc`. A list in which nothing is whole is no list: nothing shows then that these are tags at all.
 */
export const entryEpcSchema = hexSchema(0, 127);
/** The top bit of the length byte: the reader has put something else than the plain EPC there. */
export const lengthFlagSchema = z.literal(true).optional();
export const lengthFlagBit = 0x80;

interface Entry {
  readonly epc: string;
  readonly lengthFlag?: true | undefined;
}

/** An EPC is made of 1 to 31 words of 16 bits. */
export function isEpcSize(bytes: number): boolean {
  return bytes >= 2 && bytes <= 62 && bytes % 2 === 0;
}

/** Whether the entry is the number of a tag. */
export function isWholeEpc({ epc, lengthFlag }: Entry): boolean {
  return lengthFlag === undefined && isEpcSize(epc.length / 2);
}
