import { expect, it } from 'vitest';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { cabinetsWithToken } from './enrolment.ts';

const dayMs = 24 * 3_600_000;

async function tokenFor(operator: OperatorHarness, cabinetId: string): Promise<string> {
  const api = operator.operator.developmentApi!;
  const answer = await api.inject({ method: 'POST', url: '/dev/enrol-token', payload: { cabinetId } });
  return answer.json<{ token: string }>().token;
}

onStorage('an enrolment token that somebody has found', (harness) => {
  const enrol = async ({ cabinetId, publicKey }: TestCabinet, token: string): Promise<number> => {
    const payload = { cabinetId, token, publicKey };
    return (await harness().raw({ method: 'POST', url: '/v1/cabinets/enrol', payload })).status;
  };

  it('is worth nothing after a day, for a new cabinet and for one that works', async () => {
    const operator = harness();
    const fresh = await tokenFor(operator, 'CAB-NEW');
    const lost = await tokenFor(operator, operator.cabinet.cabinetId);
    operator.clock.jumpWall(dayMs + 1);
    expect(await enrol(makeCabinet('CAB-NEW'), fresh)).toBe(403);
    expect(await enrol(makeCabinet(operator.cabinet.cabinetId), lost)).toBe(403);
    expect((await operator.send('GET', '/v1/health')).status).toBe(200);
    // A new one works, and the repeat of what it did is still the same answer when its day is over.
    const cabinet = makeCabinet('CAB-NEW');
    const token = await tokenFor(operator, 'CAB-NEW');
    operator.clock.jumpWall(dayMs - 1);
    expect(await enrol(cabinet, token)).toBe(204);
    operator.clock.jumpWall(3 * 365 * dayMs);
    expect(await enrol(cabinet, token)).toBe(204);
    expect(await enrol(makeCabinet('CAB-NEW'), token)).toBe(403);
  });

  it.each([0, dayMs, 30 * dayMs])(
    'opens nothing a week after it was given out; our clock was %d ms ahead then',
    async (aheadMs) => {
      const operator = harness();
      operator.clock.jumpWall(aheadMs);
      const fresh = await tokenFor(operator, 'CAB-NEW');
      const lost = await tokenFor(operator, operator.cabinet.cabinetId);
      operator.clock.jumpWall(-aheadMs);
      operator.clock.jumpWall(7 * dayMs);
      expect.soft(await enrol(makeCabinet('CAB-NEW'), fresh)).toBe(403);
      expect.soft(await enrol(makeCabinet(operator.cabinet.cabinetId), lost)).toBe(403);
      expect.soft(await cabinetsWithToken(operator.db, operator.clock)).toEqual(new Set());
      expect((await operator.send('GET', '/v1/health')).status).toBe(200);
    },
  );
});
