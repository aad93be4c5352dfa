/** Articles of a catalogue at most, and so lines of a basket, a bill or a charge. */
export const lineCountMax = 500;
/**
 * More goods than any cabinet holds: pieces in it at most, and so in one line; a tag reader makes us remember no more
 * tags.
 */
export const pieceCountMax = 5_000;
