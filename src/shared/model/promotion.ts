/** Promotions that are drawn up for all cabinets together at most. */
export const promotionsMax = 40;
/** Articles that one of them names at most. */
export const promotionSkusMax = 100;
/** Cabinets that one of them is for at most, where it is not for all. */
export const promotionCabinetsMax = 200;
/** Pieces of one bundle at most. */
export const bundleCountMax = 20;
/** What of a bill one promotion can at most be named for on one line: its own, a bundle's, the whole basket's. */
export const discountsOfLineMax = 3;

/** `free`: all is counted, and nothing is charged. The others: docs/decisions/0178-what-a-promotion-takes-off.md. */
export const promotionKinds = [
  'free',
  'second_half',
  'amount_off',
  'member_price',
  'bundle',
  'basket_off',
] as const;

/** What is wrong with promotions, beside their form (src/core/pricing/problems.ts). */
export const promotionProblems = [
  'same_id',
  'unknown_article',
  'costs_nothing',
  'no_saving',
  'bundles_overlap',
  'never_on',
] as const;
export type PromotionProblem = (typeof promotionProblems)[number];
