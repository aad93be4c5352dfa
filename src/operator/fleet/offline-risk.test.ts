import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import type { Policy } from '../limits.ts';
import { defaultPolicy, offlinePolicyEveryMs, offlineRiskToldEveryMs } from '../limits.ts';
import { incident } from '../storage/schema.ts';
import { resolveIncident } from '../support/incidents.ts';
import { offlineRisksOf } from './offline-risk.ts';

const kind = 'offline_risk_high';
const listed = ({ db }: OperatorHarness) =>
  db.select().from(incident).where(eq(incident.kind, kind)).orderBy(incident.id);
/** As much as two cabinets, or one member at two of them, may come to owe. */
const upToTwo = (of: 'fleet' | 'member'): Policy => ({
  ...defaultPolicy,
  offlineRiskMax:
    of === 'fleet'
      ? { fleetMinor: 400_000, memberMinor: 1_000_000 }
      : { fleetMinor: 1_000_000, memberMinor: 12_000 },
});

onStorage('what may be owed while all cabinets are offline', (harness) => {
  /** An operator whose cabinets are told what they may do offline, as they ask for it every ten minutes. */
  const started = async (policy: Policy) => {
    await harness().close();
    const operator = harness().restarted({ policy });
    const told = async (afterMs = offlinePolicyEveryMs) => {
      operator.clock.jumpWall(afterMs);
      await operator.pass(120_000, 60_000);
      expect((await operator.send('GET', '/v1/offline-policy')).status).toBe(200);
    };
    return { operator, told };
  };

  it('counts the cabinets that have enrolled, and nothing where nobody opens offline', async () => {
    const operator = harness();
    await operator.enrol(makeCabinet('CAB-2'));
    const { fleetMinor, memberMinor } = defaultPolicy.offlineRiskMax;
    expect(await offlineRisksOf(operator.db, defaultPolicy)).toEqual([
      { of: 'fleet', cabinets: 2, minor: 400_000, maxMinor: fleetMinor },
      { of: 'member', cabinets: 2, minor: 12_000, maxMinor: memberMinor },
    ]);
    const none = await offlineRisksOf(operator.db, { ...defaultPolicy, offline: null });
    expect(none.map(({ minor }) => minor)).toEqual([0, 0]);
  });

  it.each([
    ['fleet', 'fleet: 3 cabinets, 600000 of 400000'],
    ['member', 'member: 3 cabinets, 18000 of 12000'],
  ] as const)('is told once when it is beyond its bound (%s), not before', async (of, words) => {
    const { operator, told } = await started(upToTwo(of));
    await operator.enrol(makeCabinet('CAB-2'));
    await told();
    expect(await listed(operator)).toEqual([]);
    await operator.enrol(makeCabinet('CAB-3'));
    for (let issues = 0; issues < 3; issues++) await told();
    const all = await listed(operator);
    expect(all).toMatchObject([{ resolvedAtMs: null, detail: expect.stringContaining(words) as string }]);
    await operator.close();
  });

  it('is told again a day after people have closed it, and closes itself when it is within its bound', async () => {
    const { operator, told } = await started(upToTwo('fleet'));
    for (const name of ['CAB-2', 'CAB-3']) await operator.enrol(makeCabinet(name));
    await told();
    const [first] = await listed(operator);
    await resolveIncident(operator, first?.id ?? 0, { actor: 'Li', resolution: 'seen' });
    await told();
    expect(await listed(operator)).toHaveLength(1);
    await told(offlineRiskToldEveryMs);
    expect(await listed(operator)).toMatchObject([{ actor: 'Li' }, { resolvedAtMs: null }]);
    await operator.close();
    // Whoever runs it has raised the bound.
    const raised = operator.restarted({ policy: defaultPolicy });
    raised.clock.jumpWall(offlinePolicyEveryMs);
    await raised.send('GET', '/v1/offline-policy');
    expect((await listed(raised)).at(-1)).toMatchObject({ actor: 'operator' });
    await raised.close();
  });
});
