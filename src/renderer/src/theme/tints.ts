/** Grounds that a picture may stand on; the theme has a colour for each, by day and by night. */
export const tints = ['red', 'blue', 'yellow', 'green', 'brown', 'orange', 'pink', 'grey'] as const;
export type Tint = (typeof tints)[number];
