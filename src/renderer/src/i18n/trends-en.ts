import type { trendsZh } from './trends-zh.ts';
import type { Widen } from './shape.ts';

export const trendsEn: Widen<typeof trendsZh> = {
  title: 'How it has fared',
  reads: { name: 'Reads', words: 'Reads of tags in {{span}}: {{low}} to {{high}} a second' },
  queue: { name: 'Waiting', words: 'Charges not settled in {{span}}: {{low}} to {{high}}' },
  queueAge: { name: 'Wait', words: 'The oldest charge has waited in {{span}}: {{low}} to {{high}} min' },
  answer: { name: 'Operator', words: 'The operator took to answer in {{span}}: {{low}} to {{high}} ms' },
  sales: { name: 'Sales', words: '{{span}}: {{count}} purchases, {{money}}' },
  days: '14 days',
  weeks: '8 weeks',
};
