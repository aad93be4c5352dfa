import { expect, it } from 'vitest';
import { defaultPolicy } from '../limits.ts';
import { chargeBody, makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const yearMs = 365 * 86_400_000;

/** The operator's clock was a year ahead for a while and is set right again (a cabinet's clock that did so is noticed). */
onStorage('the clock of the operator was ahead', (harness) => {
  it('a charge that was tried meanwhile is tried again within the longest wait', async () => {
    const operator = harness();
    operator.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    operator.clock.jumpWall(yearMs);
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(1_000, 100);
    operator.clock.jumpWall(-yearMs);
    operator.provider.set({ mode: 'ok', delayMs: 0, reason: 'account.declined' });
    await operator.pass(30 * 60_000, 5_000);
    expect((await operator.chargeRow(visit.chargeId)).state).toBe('paid');
  });

  it('the reserve of a visit from then does not shut the door for a year', async () => {
    const operator = harness();
    operator.clock.jumpWall(yearMs);
    for (let i = 0; i < defaultPolicy.unpaidMaxMinor / defaultPolicy.visitReserveMinor; i++) {
      const cabinet = makeCabinet(`CAB-Y${i}`);
      await operator.enrol(cabinet);
      await operator.visit('M1001', cabinet);
    }
    operator.clock.jumpWall(-yearMs);
    operator.clock.jumpWall(defaultPolicy.visitReserveMs + 60_000);
    const reply = await operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
    expect(reply.decision).toBe('allowed');
  });
});
