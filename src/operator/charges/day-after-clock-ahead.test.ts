import { expect, it } from 'vitest';
import { chargeBody, line, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { alarmsOfKindMax, defaultPolicy } from '../limits.ts';
import { alarm } from '../storage/schema.ts';

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

/** As in debits/clock-ahead.test.ts: the operator's clock was a year ahead for a while and is set right again. */
onStorage('the caps of a day after the clock was ahead', (harness) => {
  it.each(['memberDayMaxMinor', 'cabinetDayMaxMinor'] as const)(
    '%s: what was sold then counts for a day, not for a year',
    async (cap) => {
      const policy = { ...defaultPolicy, [cap]: 3_000 };
      await harness().close();
      const operator = harness().restarted({ policy });
      const sell = async () => {
        const visit = await operator.visit();
        const body = chargeBody(visit, { lines: [line('A1', 350, 4)] });
        const sent = operator.send('PUT', `/v1/charges/${visit.chargeId}`, body);
        return ((await operator.during(sent)).body as { state: string }).state;
      };
      operator.clock.jumpWall(yearMs);
      expect([await sell(), await sell()]).toEqual(['paid', 'paid']);
      operator.clock.jumpWall(-yearMs);
      const states: string[] = [];
      // Once a week, one purchase.
      for (let week = 1; week <= 4; week++) {
        operator.clock.jumpWall(7 * dayMs);
        states.push(await sell());
      }
      await operator.close();
      expect(states).toEqual(['paid', 'paid', 'paid', 'paid']);
    },
  );

  it('an alarm from after that time is listed', async () => {
    const operator = harness();
    const tell = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const body = {
          kind: 'device_fault',
          visitId: null,
          atMs: operator.clock.nowMs() + i,
          detail: `no ${i}`,
        };
        const answer = await operator.send('POST', '/v1/alarms', body);
        expect(answer.status).toBeLessThan(300);
      }
    };
    operator.clock.jumpWall(yearMs);
    await tell(alarmsOfKindMax);
    operator.clock.jumpWall(-yearMs);
    operator.clock.jumpWall(30 * dayMs);
    const before = (await operator.db.select().from(alarm)).length;
    await tell(1);
    expect((await operator.db.select().from(alarm)).length).toBe(before + 1);
  });

  it.each([0, yearMs])(
    'held goods of a settled charge do not shut the door 30 days later; %i ms ahead',
    async (aheadMs) => {
      const operator = harness();
      operator.clock.jumpWall(aheadMs);
      const visit = await operator.visit();
      const body = chargeBody(visit, {
        heldLines: [line('D4', 3_100, 2)],
        review: ['recognition.differs_from_confirmed'],
      });
      const sent = operator.send('PUT', `/v1/charges/${visit.chargeId}`, body);
      expect((await operator.during(sent)).body).toMatchObject({ state: 'paid' });
      operator.clock.jumpWall(-aheadMs);
      operator.clock.jumpWall(30 * dayMs);
      const reply = await operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
      expect(reply).toMatchObject({ decision: 'allowed' });
    },
  );
});
