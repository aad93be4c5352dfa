/**
 * The words that stand before the EPC in a Gen2 tag's reply: the protocol control word (PC) and, where its XI bit is set, one or
 * two extended ones (XPC). They say how the tag is, not which one it is. Sources: GS1 EPC UHF Gen2 v2, 6.3.2.1.2 (StoredPC,
 * PacketPC, XPC_W1, XPC_W2); EPC Tag Data Standard, chapter on memory contents.
 *
 *   PC      length of the EPC in words (5 bits) | user memory | XI | T | AFI or attributes (8)
 *   XPC_W1  XEB (an XPC_W2 follows) | reserved, zero (3) | flags (12), at least one of them set
 */
const lengthShift = 11;
const xiBit = 0x0200;
/** T and what follows it: zeros for an EPC without attributes. */
const attributesMask = 0x01ff;
const xebBit = 0x8000;
const reservedMask = 0x7000;
/** Shortest EPC that is looked for behind PC and XPC where no frame says that they are there: 96 bits. */
const epcWordsMin = 6;

/** Number of words of the EPC that this PC word announces. */
export function epcWordsOf(pc: number): number {
  return pc >> lengthShift;
}

/**
 * What follows a PC word, as a reader reports it (hex): the EPC without its XPC words, or null when the word counts disagree,
 * as in a damaged frame. A reader that has left the XPC words out is read as well.
 */
export function epcBehindPc(pc: number, wordsHex: string): string | null {
  const words = wordsHex.length / 4;
  if (words === epcWordsOf(pc)) return wordsHex;
  const xpcWords = xpcWordsOf(pc, wordAt(wordsHex, 0));
  return xpcWords > 0 && words === epcWordsOf(pc) + xpcWords ? wordsHex.slice(xpcWords * 4) : null;
}

/**
 * A number as a reader gives it that knows no XPC words and so reports `PC XPC EPC` as one: the EPC. Any other number is
 * returned as it is; shorter EPCs than 96 bits are not looked for, as a 96-bit number may begin like that by chance.
 */
export function withoutXpcWords(epc: string): string {
  const pc = wordAt(epc, 0);
  const behind = epc.slice(4);
  if ((pc & xiBit) === 0 || (pc & attributesMask) !== 0 || epcWordsOf(pc) < epcWordsMin) return epc;
  return behind.length / 4 === epcWordsOf(pc) ? epc : (epcBehindPc(pc, behind) ?? epc);
}

/** Whether the PC word alone stands before a number (tables written from a tag's memory): no XI, no attributes. */
export function beginsWithPc(epc: string): boolean {
  const pc = wordAt(epc, 0);
  const words = epc.length / 4;
  return words >= 2 && epcWordsOf(pc) === words - 1 && (pc & attributesMask) === 0;
}

function xpcWordsOf(pc: number, first: number): number {
  const isXpc = (pc & xiBit) !== 0 && (first & reservedMask) === 0 && first !== 0;
  if (!isXpc) return 0;
  return (first & xebBit) === 0 ? 1 : 2;
}

function wordAt(hex: string, index: number): number {
  return parseInt(hex.slice(index * 4, index * 4 + 4), 16) || 0;
}
