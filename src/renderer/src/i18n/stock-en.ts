import type { Widen } from './shape.ts';
import type { stockZh } from './stock-zh.ts';

/** Service mode: what lies in the cabinet. */
export const stockEn: Widen<typeof stockZh> = {
  part: { stock: 'Now', dates: 'Best before', differences: 'Differences' },
  dates: {
    lead: 'Until when the goods are good. Take out what is past its day. Bar codes can be held before the scanner.',
    add: 'Enter a best-before day',
    none: 'No best-before day was entered so far.',
    which: 'Which article? Or hold its bar code before the scanner.',
    day: '{{name}}: good until (year, month, day: {{sample}})',
    count: '{{name}}, until {{day}}: how many?',
    remove: 'Taken out',
    expired: 'Past its day, {{day}}: take it out',
    soon: 'Due {{day}}',
    good: 'Good until {{day}}',
    noProduct: 'No article has this bar code: {{text}}',
    refused: {
      past: 'That day is over: it must not be sold.',
      far: 'That day is too far away. Please look again.',
      full: 'Too many days are noted: clear what was taken out.',
      unknown: 'There are not so many, or no such article.',
      storage: 'It was not written down. Please try again.',
    },
  },
  differences: {
    none: 'So far each count has added up.',
    lead: "Gone, or too many, when they were counted before the door was opened. On nobody's bill.",
    when: 'Between {{from}} and {{to}}',
    between: 'Door opened meanwhile ({{count}}×): {{who}}',
    staff: 'staff {{staffNo}}',
    nobody: 'Nobody opened the door meanwhile',
  },
};
