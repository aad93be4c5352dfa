import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newVisitId } from '../../testkit/operator/cabinet.ts';
import { OwedByCard, scanToPay } from '../../testkit/operator/owed-by-card.ts';
import { signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { defaultPolicy } from '../limits.ts';

const cards = new OwedByCard();
beforeAll(() => cards.rig.start());
afterAll(() => cards.rig.stop());
beforeEach(() => cards.reset());

onStorage('a debt on a phone', (harness) => {
  it('is told with its reason and where to pay; paid there, the next door opens, without a notice', async () => {
    const owed = await cards.owing(harness());
    const { operator, chargeId } = owed;
    const strict = operator.restarted({
      ...{ currency: 'USD', realProviders: [cards.adapter(operator)] },
      policy: { ...defaultPolicy, unpaidMaxCount: 1 },
    });
    const { phone, session } = await signedInPhone(strict);
    expect(session.refused).toBe('account.unpaid_charges');
    const told = { status: 'collecting', reason: 'account.insufficient_funds', when: 'when_shopper_pays' };
    const shown = await phone.call('purchase', undefined, { chargeId });
    expect(shown).toMatchObject({ value: { told, means: 'card' } });
    const payUrl = shown.ok ? (shown.value.payUrl ?? '') : '';
    expect(new URL(payUrl).pathname).toBe(`/v1/pay/stripe/${chargeId}`);
    const { to } = await scanToPay({ operator: strict, chargeId });
    expect(cards.rig.server.sessions.pay(to)).toBe(true);
    // Nobody has told the operator: the phone that looks at it does.
    const paid = await phone.call('purchase', undefined, { chargeId });
    expect(paid).toMatchObject({ value: { told: { status: 'paid', when: null }, payUrl: null } });
    expect(await phone.call('session', undefined)).toMatchObject({ value: { refused: null } });
    const entered = await strict.authorise(newVisitId(strict.clock.nowMs()), strict.code());
    expect(entered).toMatchObject({ decision: 'allowed' });
    await strict.close();
    await operator.close();
  });
});
