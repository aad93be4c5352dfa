/** The operator lists at most this many purchases, the newest. */
export const purchasesMax = 30;

/**
 * How far the operator's list is. `network`: it could not be asked; `system`: no usable answer; `ended`: it asks who
 * is there (identified too long ago). Without the list only what this cabinet itself has on record is shown.
 */
export const purchaseListStates = ['loading', 'complete', 'network', 'system', 'ended'] as const;
export type PurchaseList = (typeof purchaseListStates)[number];
