import { expect, it } from 'vitest';
import type { VisitEnd } from '../../shared/api/operator.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { visitSilentMs, visitWatchEveryMs } from '../limits.ts';
import { dayOf } from './bill.ts';
import { closeDifference, csvOfDifferences, listDifferences } from './differences.ts';
import { Reconciliation } from './reconciliation.ts';

const never = new AbortController().signal;

onStorage('visits that were allowed and stayed silent', (harness) => {
  const allow = async (operator: OperatorHarness, memberId: string): Promise<Visit> => {
    const nowMs = operator.clock.nowMs();
    const visit = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs), cabinetId: 'CAB-1', memberId };
    const { visitId, chargeId } = visit;
    const body = { visitId, chargeId, code: operator.code(memberId) };
    const answer = await operator.send('POST', '/v1/visits/authorise', body);
    expect(answer.body).toMatchObject({ decision: 'allowed' });
    return visit;
  };
  const say = async (operator: OperatorHarness, { visitId, chargeId }: Visit, ended: VisitEnd) => {
    const sums = ended === 'charge' ? { totalMinor: 1_300, heldMinor: 0 } : { totalMinor: 0, heldMinor: 0 };
    const body = { chargeId, ended, ...sums, closedAtMs: 1 };
    expect((await operator.send('PUT', `/v1/visits/${visitId}/closing`, body)).status).toBe(200);
  };
  const compare = ({ db, clock }: OperatorHarness) =>
    new Reconciliation({ db, clock, logger: silentLogger, sources: [] }).runDue(never);
  const untilListed = async (operator: OperatorHarness) => {
    operator.clock.jumpWall(visitSilentMs);
    await operator.pass(2 * visitWatchEveryMs, visitWatchEveryMs);
  };

  it('are rows of their day with cause and owner, in its CSV too, and gone when the word comes', async () => {
    const operator = harness();
    const day = dayOf(operator.clock.nowMs(), 0);
    const silent = await allow(operator, 'M1001');
    const missing = await allow(operator, 'M1002');
    await say(operator, missing, 'charge');
    const open = await allow(operator, 'M1002');
    await say(operator, open, 'left_open');
    const nothing = await allow(operator, 'M1001');
    await say(operator, nothing, 'nothing_taken');
    await compare(operator);
    expect(await listDifferences(operator.db, day)).toEqual([]);
    await untilListed(operator);
    await compare(operator);
    await compare(operator);
    const rows = await listDifferences(operator.db, day);
    const told = rows.map(({ kind, cause, owner, orderId, hereMinor }) => [
      kind,
      cause,
      owner,
      orderId,
      hereMinor,
    ]);
    expect(told).toHaveLength(3);
    expect(told).toEqual(
      expect.arrayContaining([
        ['visit_silent', 'nothing_heard', 'system', silent.chargeId, null],
        ['charge_missing', 'charge_not_come', 'system', missing.chargeId, 1_300],
        ['charge_missing', 'left_open', 'support', open.chargeId, null],
      ]),
    );
    const csv = csvOfDifferences(rows);
    expect(csv).toContain(`operator,visits,${day},visit_silent,nothing_heard,system,${silent.chargeId},,,,`);
    expect(csv).toContain(`visit ${missing.visitId} at CAB-1`);
    // The one is charged after all, of the other its cabinet says that a charge follows.
    await operator.during(operator.send('PUT', `/v1/charges/${missing.chargeId}`, chargeBody(missing)), 50);
    await say(operator, silent, 'charge');
    await compare(operator);
    const standing = async ({ chargeId }: Visit) =>
      (await listDifferences(operator.db, null))
        .filter(({ orderId }) => orderId === chargeId)
        .map(({ kind, isGone }) => [kind, isGone]);
    expect(await standing(missing)).toEqual([['charge_missing', true]]);
    expect(await standing(silent)).toEqual([['visit_silent', true]]);
    expect(await standing(open)).toEqual([['charge_missing', false]]);
    // That one does not come either.
    await untilListed(operator);
    await compare(operator);
    expect(await standing(silent)).toEqual([
      ['visit_silent', true],
      ['charge_missing', false],
    ]);
  });

  it('what people have closed stays closed, however often it is looked for', async () => {
    const operator = harness();
    await allow(operator, 'M1001');
    await untilListed(operator);
    await compare(operator);
    const [row] = await listDifferences(operator.db, null);
    const said = { state: 'explained', actor: 'wang', resolution: 'power cut' } as const;
    expect((await closeDifference(operator, row!.id, said)).ok).toBe(true);
    await compare(operator);
    expect(await listDifferences(operator.db, null)).toEqual([]);
  });
});
