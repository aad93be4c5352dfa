/** What is measured of a cabinet all the time, for charts: each in whole numbers of its unit. */
export const trendNames = [
  'reads', // of tags, a second
  'queue', // charges that are not settled
  'queueAge', // how long the oldest of them waits, minutes
  'answer', // how long the operator takes to answer, ms
] as const;
export type TrendName = (typeof trendNames)[number];
