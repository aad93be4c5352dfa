import { describe, expect, test } from 'vitest';
import { makeChargeId, makeDisputeId } from '../ids.ts';
import { reasonCodes } from '../model/charge.ts';
import {
  authoriseReplySchema,
  chargeReplySchema,
  disputeReplySchema,
  purchasesReplySchema,
} from './operator.ts';

const chargeId = makeChargeId(0, new Uint8Array(10));
const charge = {
  chargeId,
  state: 'collecting',
  reason: 'account.expired_card',
  totalMinor: 500,
  resolved: null,
};
const purchase = {
  chargeId,
  cabinetId: 'CAB-1',
  atMs: 1,
  currency: 'CNY',
  lines: [],
  heldLines: [],
  totalMinor: 0,
  billedMinor: 0,
  state: 'paid',
  reason: null,
  nextTryAtMs: null,
  disputed: [],
  payUrl: null,
  resolved: null,
};

describe('what a newer operator says', () => {
  test.each([
    ['account.of_tomorrow', 'account.declined'],
    ['recognition.of_tomorrow', 'system.rejected'],
    ['system.of_tomorrow', 'system.operator_error'],
    ['weather.rain', 'system.operator_error'],
  ])('the reason %s is read as the nearest one known, %s', (reason, known) => {
    expect(chargeReplySchema.parse({ ...charge, reason })).toEqual({ ...charge, reason: known });
    expect(authoriseReplySchema.parse({ decision: 'refused', reason })).toMatchObject({ reason: known });
    const disputeId = makeDisputeId(0, new Uint8Array(10));
    expect(disputeReplySchema.parse({ disputeId, charge: { ...charge, reason } })).toMatchObject({
      charge: { reason: known },
    });
    expect(
      purchasesReplySchema.parse({ purchases: [{ ...purchase, state: 'collecting', reason }] }),
    ).toMatchObject({ purchases: [{ reason: known }] });
  });

  test('every known reason is itself', () => {
    for (const reason of reasonCodes)
      expect(chargeReplySchema.parse({ ...charge, reason })).toMatchObject({ reason });
  });

  test('a state that is not known: the operator has the charge, and is asked again', () => {
    expect(chargeReplySchema.parse({ ...charge, state: 'refunded' })).toMatchObject({ state: 'accepted' });
    const reply = { purchases: [{ ...purchase, state: 'refunded' }] };
    expect(purchasesReplySchema.parse(reply)).toMatchObject({ purchases: [{ state: 'accepted' }] });
  });

  test('how a charge was put right: any word is kept as said, an actor that is not known is the system', () => {
    const resolved = { how: 'Gutschrift 2', by: 'support', atMs: 7 };
    expect(chargeReplySchema.parse({ ...charge, resolved })).toMatchObject({ resolved });
    const byOther = { ...resolved, by: 'auditor-9' };
    expect(chargeReplySchema.parse({ ...charge, resolved: byOther })).toMatchObject({
      resolved: { ...resolved, by: 'system' },
    });
    const reply = { purchases: [{ ...purchase, resolved: byOther }] };
    expect(purchasesReplySchema.parse(reply)).toMatchObject({ purchases: [{ resolved: { by: 'system' } }] });
  });

  test('an operator from before says nothing of it', () => {
    const without = (name: string, of: object) =>
      Object.fromEntries(Object.entries(of).filter(([key]) => key !== name));
    expect(chargeReplySchema.parse(without('resolved', charge))).toEqual(charge);
    const purchases = [without('resolved', purchase)];
    expect(purchasesReplySchema.parse({ purchases })).toEqual({ purchases: [purchase] });
  });

  test('a decision that is not known: the door stays shut', () => {
    expect(authoriseReplySchema.parse({ decision: 'step_up', url: 'x' })).toEqual({
      decision: 'refused',
      reason: 'system.rejected',
    });
  });

  test.each([
    ['wechat_pay', 'wechat_pay'],
    ['of_tomorrow', undefined],
    [7, undefined],
    [null, undefined],
    ['x'.repeat(1_000_000), undefined],
  ])(
    'means of payment %s: what is not known is not shown, and the door opens all the same',
    (means, read) => {
      const allowed = { decision: 'allowed', member: { memberId: 'M1', display: '王*' }, visitMaxMinor: 1 };
      const told = authoriseReplySchema.parse({ ...allowed, member: { ...allowed.member, means } });
      expect(told).toMatchObject({ decision: 'allowed', member: { memberId: 'M1', display: '王*' } });
      expect(told.decision === 'allowed' && told.member.means).toBe(read);
      expect(authoriseReplySchema.parse(allowed)).toMatchObject(allowed);
    },
  );

  test('what goes back, at a stage that is not known: nothing is said of it', () => {
    const refund = { stage: 'under_way', amountMinor: 350, atMs: 7 };
    const told = (one: object) => purchasesReplySchema.parse({ purchases: [{ ...purchase, refund: one }] });
    expect(told(refund)).toEqual({ purchases: [{ ...purchase, refund }] });
    expect(told({ ...refund, stage: 'asked_for_anew' })).toEqual({ purchases: [purchase] });
  });

  test('a purchase in another currency, or one too many, hides no other', () => {
    const foreign = { ...purchase, currency: 'JPY' };
    const purchases = [foreign, ...Array.from({ length: 40 }, () => purchase)];
    expect(purchasesReplySchema.parse({ purchases }).purchases).toHaveLength(30);
    expect(purchasesReplySchema.parse({ purchases: [foreign] }).purchases).toEqual([]);
  });

  test.each([
    ['a state that is no word', chargeReplySchema, { ...charge, state: 7 }],
    ['no state', chargeReplySchema, { ...charge, state: undefined }],
    ['a reason that is no word', chargeReplySchema, { ...charge, reason: {} }],
    ['a reason that is none of ours', chargeReplySchema, { ...charge, reason: 'because' }],
    ['a purchase without lines', purchasesReplySchema, { purchases: [{ chargeId, state: 'open' }] }],
    ['a text of a megabyte for a reason', chargeReplySchema, { ...charge, reason: 'x'.repeat(1_000_000) }],
    ['an allowance without a member', authoriseReplySchema, { decision: 'allowed' }],
    ['a refusal without a reason', authoriseReplySchema, { decision: 'refused' }],
    ['no decision', authoriseReplySchema, { reason: 'account.declined' }],
  ])('but not an answer that is none: %s', (_name, schema, reply) => {
    expect(schema.safeParse(reply).success).toBe(false);
  });
});
