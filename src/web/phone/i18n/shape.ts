/** Why something is not done, and what helps. */
export interface RemedyWords {
  readonly title: string;
  readonly remedy: string;
}

/** What may be wrong with goods, as the report says it to whoever looks. */
export const reportKinds = ['not_taken', 'count', 'price', 'damaged', 'other'] as const;
export type ReportKind = (typeof reportKinds)[number];
