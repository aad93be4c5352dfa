/** Why a plan cannot be filled: words that pages have words for. */
export const planProblems = ['unknown_sku', 'no_such_lane', 'other_lane', 'over_capacity'] as const;
export type PlanProblem = (typeof planProblems)[number];
