import type { Widen } from './shape.ts';
import type { stockZh } from './stock-zh.ts';

/** Service mode: what lies in the cabinet. */
export const stockEn: Widen<typeof stockZh> = {
  part: { stock: 'Now', differences: 'Differences' },
  differences: {
    none: 'So far each count has added up.',
    lead: "Gone, or too many, when they were counted before the door was opened. On nobody's bill.",
    when: 'Between {{from}} and {{to}}',
    between: 'Door opened meanwhile ({{count}}×): {{who}}',
    staff: 'staff {{staffNo}}',
    nobody: 'Nobody opened the door meanwhile',
  },
};
