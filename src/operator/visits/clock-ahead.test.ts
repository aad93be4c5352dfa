import { expect, it } from 'vitest';
import { readMemberCode } from '../../core/identity/member-code.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { memberCodeLifetimeS } from '../../shared/model/member.ts';
import { memberCodeGraceMs } from '../limits.ts';

const dayMs = 86_400_000;

/** What the member's phone is given now: the app makes it for a minute, and shows the next one after that. */
async function onThePhone(operator: OperatorHarness): Promise<string> {
  const reply = await operator.operator.developmentApi?.inject({
    method: 'POST',
    url: '/dev/member-codes',
    payload: { memberId: 'M1001' },
  });
  return reply?.json<{ code: string }>().code ?? '';
}

/** Whoever has photographed it over the member's shoulder shops with it. */
async function shop(operator: OperatorHarness, code: string) {
  const nowMs = operator.clock.nowMs();
  const visit = {
    visitId: newVisitId(nowMs),
    chargeId: newChargeId(nowMs),
    cabinetId: 'CAB-1',
    memberId: 'M1001',
  };
  const reply = await operator.authorise(visit.visitId, code);
  if (reply.decision === 'allowed') {
    const bill = chargeBody(visit, { lines: [line('A1', 350, 1)] });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, bill));
  }
  return { reply, debits: await operator.debitCount(visit.chargeId) };
}

onStorage('a member code that no cabinet has been shown', (harness) => {
  it('opens nothing once its minute is over', async () => {
    const operator = harness();
    const code = await onThePhone(operator);
    operator.clock.jumpWall(memberCodeLifetimeS * 1000 + memberCodeGraceMs + 2_000);
    expect(await shop(operator, code)).toMatchObject({ reply: { decision: 'refused' }, debits: 0 });
  });

  it.each([
    ['an hour', 3_600_000],
    ['a week', 7 * dayMs],
  ])(
    'and was made while our clock was %s ahead opens nothing afterwards, and bills nobody',
    async (_, aheadMs) => {
      const operator = harness();
      operator.clock.jumpWall(aheadMs);
      const code = await onThePhone(operator);
      operator.clock.jumpWall(30_000 - aheadMs);
      operator.clock.jumpWall(aheadMs / 2);
      // Not even what the cabinet itself looks at.
      expect.soft(readMemberCode(code, operator.clock.nowMs()).ok).toBe(false);
      const { reply, debits } = await shop(operator, code);
      expect.soft(reply).toMatchObject({ decision: 'refused', reason: 'account.code_expired' });
      expect(debits).toBe(0);
    },
  );

  it('opens the door for the member where two clocks are a little apart', async () => {
    const operator = harness();
    const code = await onThePhone(operator);
    operator.clock.jumpWall(1_000 - memberCodeGraceMs);
    expect((await shop(operator, code)).reply).toMatchObject({ decision: 'allowed' });
  });
});
