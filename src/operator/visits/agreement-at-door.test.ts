import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { offlinePolicySchema } from '../../shared/model/offline-policy.schema.ts';
import { memberDigest } from '../../shared/node/member-digest.ts';
import { newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { offlinePolicyEveryMs } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { StoredOrders } from '../providers/provider-orders.ts';
import type { AgreementState } from '../providers/provider.ts';
import { accountText } from '../providers/stripe/account.ts';
import { knownOrderSchema } from '../providers/stripe/known-order.ts';
import { Rig } from '../providers/stripe/test-server/rig.ts';
import { member } from '../storage/schema.ts';

const memberId = 'M1001';
const account = accountText({ customer: 'cus_M1001', paymentMethod: 'pm_M1001' });
const rig = new Rig();

beforeAll(() => rig.start());
afterAll(() => rig.stop());

onStorage('a member whose card is asked after the visit alone', (harness) => {
  let operator: OperatorHarness;
  beforeEach(async () => {
    await harness().close();
    const { db, clock } = harness();
    const stored = {
      orders: new StoredOrders(db, rig.clock, 'stripe', knownOrderSchema),
      accounts: new StoredAccounts(db, clock, 'stripe'),
    };
    operator = harness().restarted({
      ...{ currency: 'USD', realProviders: [rig.adapter({ hold: 'none' }, stored)] },
    });
    await db.update(member).set({ provider: 'stripe' }).where(eq(member.memberId, memberId));
  });
  const stands = (agreement: AgreementState) =>
    new StoredAccounts(operator.db, operator.clock, 'stripe').put({ memberId, account, agreement });
  const comes = () => operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
  const policy = async () => {
    await operator.clock.advance(offlinePolicyEveryMs);
    return offlinePolicySchema.parse((await operator.send('GET', '/v1/offline-policy')).body);
  };

  it('gets in while there is a card that may be asked, and nobody waits for Stripe to find out', async () => {
    const refused = { decision: 'refused', reason: 'account.authentication_required' };
    expect(await comes()).toEqual(refused);
    for (const agreement of ['asked', 'void', 'ended'] as const) {
      await stands(agreement);
      expect(await comes()).toEqual(refused);
    }
    await stands('valid');
    expect(await comes()).toMatchObject({ decision: 'allowed' });
    await stands('ended');
    expect(await comes()).toEqual(refused);
    expect(rig.server.asked).toEqual([]);
    await operator.close();
  });

  it('gets in offline no more from the first policy on after the card has gone', async () => {
    await stands('valid');
    expect(await comes()).toMatchObject({ decision: 'allowed' });
    const before = await policy();
    expect(before.memberDigests).toContain(memberDigest(before.salt, memberId));
    await stands('ended');
    const after = await policy();
    expect(after.memberDigests).toEqual([]);
    expect(after.members).toEqual([]);
    expect(after.denied).toEqual([memberDigest(after.salt, memberId)]);
    await operator.close();
  });
});
