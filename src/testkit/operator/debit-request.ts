import type { DebitRequest } from '../../operator/providers/provider.ts';

/** What costs 1.00, with what a test says of it. */
export function debitRequest(said: Partial<DebitRequest> & Pick<DebitRequest, 'orderId'>): DebitRequest {
  const amountMinor = said.amountMinor ?? 100;
  return {
    memberId: 'M1',
    amountMinor,
    currency: 'CNY',
    cabinetId: 'CAB-1',
    openedAtMs: 1_795_000_000_000,
    closedAtMs: 1_795_000_030_000,
    lines: [{ name: '水', count: 1, amountMinor }],
    ...said,
  };
}
