/** Words that main and page share about what is ordered of a cabinet at its screen. */

/** Why an administrator asks the operator to look at a charge. Closed words: what anybody types may name somebody. */
export const askReasons = ['goods_wrong', 'shopper_says', 'waits_long', 'goods_back'] as const;
export type AskReason = (typeof askReasons)[number];

/** For so many hours an update may be put off, once more each time, and `postponeMaxMs` in all. */
export const postponeHours = [4, 24] as const;
