import { expect, it } from 'vitest';
import type { Story } from '../../../../shared/console/work.schema.ts';
import { chargeIntents } from './intents.ts';

/** 13.00 were paid, of which 7.00 are due back; goods were held as well. */
const charge = {
  ...{ chargeId: '0'.repeat(28), currency: 'CNY', state: 'paid', review: true },
  ...{
    paidMinor: 1_300,
    dueMinor: 600,
    contestedMinor: 0,
    heldMinor: 200,
    ceilingMinor: 1_500,
    heldLines: [],
  },
} as unknown as Story['charge'];
const filled = { amountMinor: 0, reference: '', goods: [] } as unknown as Parameters<
  ReturnType<typeof chargeIntents>[number]['act']
>[0];

it('to leave a paid charge as it is stops no refund', () => {
  for (const [heldMinor, id] of [
    [200, 'drop_held'],
    [0, 'leave'],
  ] as const) {
    const intent = chargeIntents({ ...charge, heldMinor }).find((one) => one.id === id);
    expect(intent?.act(filled)).toMatchObject({ decision: 'waive', amountMinor: 600 });
  }
});
