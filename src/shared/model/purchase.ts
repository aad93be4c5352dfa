/** The operator lists at most this many purchases, the newest. */
export const purchasesMax = 30;

/**
 * How far the operator's list is. `network`: it could not be asked; `system`: no usable answer; `ended`: it asks who
 * is there (identified too long ago). Then stands there what it said before, or else only what this cabinet itself has on
 * record.
 */
export const purchaseListStates = ['loading', 'complete', 'network', 'system', 'ended'] as const;
export type PurchaseList = (typeof purchaseListStates)[number];

/** The last question was not answered. */
export function isUnanswered(list: PurchaseList): list is Exclude<PurchaseList, 'loading' | 'complete'> {
  return list !== 'loading' && list !== 'complete';
}
