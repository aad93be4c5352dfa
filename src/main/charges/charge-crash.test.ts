import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { isLongRun } from '../../testkit/long-run.ts';
import { Cabinet, assertOk, seededRandom } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import type { Fault } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import type { Fate } from '../../testkit/main/charges/stub-operator.ts';
import { Killer } from '../../testkit/main/charges/killer.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';

interface Truth {
  readonly chargeId: ChargeId;
  readonly totalMinor: number;
}

/**
 * The auditor shares nothing with the program: what was sold (the test knows), what has arrived and was answered, and what
 * the cabinet has on record must say the same.
 */
function auditAll(
  sold: readonly Truth[],
  { operator, network }: { operator: StubOperator; network: FaultyNetwork },
  cabinet: Cabinet,
  fateOf: (id: string) => Fate,
) {
  const problems = [...network.breaches];
  let billedMinor = 0;
  let expectedMinor = 0;
  for (const { chargeId, totalMinor } of sold) {
    const local = assertOk(cabinet.store.get(chargeId));
    const arrived = operator.arrived.get(chargeId);
    const remote = operator.answerOf(chargeId);
    const fate = fateOf(chargeId);
    if (local.totalMinor !== totalMinor) problems.push(`${chargeId}: total ${String(local.totalMinor)}`);
    if (fate === 'reject') {
      if (arrived !== undefined || local.state !== 'needs_attention')
        problems.push(`${chargeId}: ${local.state}`);
      continue;
    }
    if (arrived === undefined || remote === null) {
      problems.push(`${chargeId}: lost`);
      continue;
    }
    if (arrived.bodyText !== local.bodyJson) problems.push(`${chargeId}: other bytes`);
    if (remote.state !== local.state)
      problems.push(`${chargeId}: local ${local.state}, remote ${remote.state}`);
    if (remote.state !== (fate === 'human' ? 'needs_attention' : 'paid'))
      problems.push(`${chargeId}: ${remote.state}`);
    if (fate === 'human') continue;
    const dueMinor = fate === 'lower' ? Math.floor(totalMinor / 2) : totalMinor;
    if (local.billedMinor !== dueMinor) problems.push(`${chargeId}: billed ${String(local.billedMinor)}`);
    billedMinor += remote.billedMinor;
    expectedMinor += dueMinor;
  }
  if (operator.arrived.size > sold.length) problems.push('charges that nobody made');
  if (billedMinor !== expectedMinor) problems.push(`billed ${billedMinor}, due ${expectedMinor}`);
  problems.push(...auditOf(cabinet.db).kinds);
  return problems;
}

describe('killed at every step', () => {
  const faults: (Fault | null)[] = [null, 'cut after', 'cut before', 'error after', 'late'];
  for (const fault of faults) {
    test(`first request: ${fault ?? 'fine'}`, async () => {
      let killedCount = 0;
      for (let at = 0; at < 200; at++) {
        const scratch = makeScratchFolder();
        const clock = new FakeClock();
        const operator = new StubOperator();
        const network = new FaultyNetwork(clock, operator);
        const fateOf = (): Fate => 'accepted';
        operator.fateOf = fateOf;
        const left = [fault];
        network.faultOf = ({ path }) => (path === '/v1/health' ? null : (left.shift() ?? null));
        const path = join(scratch.path, 'kaimen.db');
        const killer = new Killer(at);
        const first = new Cabinet({ path, clock, network, wrap: killer.wrap });
        const chargeId = first.sell(1, 1250);
        first.start();
        await clock.advance(20_000);
        const wasKilled = killer.dead;
        killer.dead = true;
        first.link.stop();
        const second = new Cabinet({ path, clock, network });
        second.start();
        await clock.advance(60_000);
        expect(
          auditAll([{ chargeId, totalMinor: 1250 }], { operator, network }, second, fateOf),
          `step ${at}`,
        ).toEqual([]);
        await second.die();
        scratch.remove();
        if (!wasKilled) break;
        killedCount++;
      }
      expect(killedCount).toBeGreaterThan(12);
      expect(killedCount).toBeLessThan(199);
    });
  }
});

describe('a season with everything that goes wrong', () => {
  const allFaults: readonly Fault[] = [
    'refused',
    'cut before',
    'cut after',
    'hang before',
    'hang after',
    'late',
    'error before',
    'error after',
    'busy',
    'garbage before',
    'garbage after',
    'portal',
    'key refused',
  ];
  const fates: readonly Fate[] = [
    'paid',
    'paid',
    'paid',
    'accepted',
    'accepted',
    'lower',
    'collecting',
    'human',
  ];
  const saleCount = isLongRun ? 2000 : 600;

  test(`${saleCount} charges, seeded: each arrives once, in its own bytes, and is debited once`, async () => {
    const seed = 20260217;
    const random = seededRandom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const scratch = makeScratchFolder();
    const path = join(scratch.path, 'kaimen.db');
    const clock = new FakeClock();
    const operator = new StubOperator();
    const network = new FaultyNetwork(clock, operator);
    const decided = new Map<string, Fate>();
    const fateOf = (id: string): Fate => {
      const fate = decided.get(id) ?? (random() < 0.01 ? 'reject' : pick(fates));
      decided.set(id, fate);
      return fate;
    };
    operator.fateOf = fateOf;
    let weather: Fault | 'fine' | 'rough' = 'fine';
    network.faultOf = () => {
      if (weather === 'fine') return null;
      if (weather === 'rough') return random() < 0.4 ? pick(allFaults) : null;
      return weather;
    };
    let crashCount = 0;
    let killer = new Killer(Infinity);
    let cabinet = new Cabinet({ path, clock, network, random, wrap: killer.wrap });
    cabinet.start();
    const sold: Truth[] = [];
    while (sold.length < saleCount) {
      if (random() < 0.05)
        weather = pick(['fine', 'rough', 'rough', 'refused', 'hang before', 'error before'] as const);
      const totalMinor = Math.floor(random() * 5000);
      sold.push({ chargeId: cabinet.sell(sold.length, totalMinor), totalMinor });
      await clock.advance(Math.floor(random() * (random() < 0.9 ? 400 : 20_000)));
      if (random() < 0.02) {
        // The power goes: whatever is under way ends without a word. (Real kills of a real process: storage tests.)
        crashCount++;
        killer.dead = true;
        cabinet.link.stop();
        await clock.advance(Math.floor(random() * 5000));
        killer = new Killer(Infinity);
        cabinet = new Cabinet({ path, clock, network, random, wrap: killer.wrap });
        cabinet.start();
      }
    }
    weather = 'fine';
    await clock.advance(30 * 60_000);
    expect(auditAll(sold, { operator, network }, cabinet, fateOf)).toEqual([]);
    expect(crashCount).toBeGreaterThan(saleCount / 100);
    expect(network.faultCount).toBeGreaterThan(saleCount / 2);
    expect(new Set(decided.values()).size).toBe(6);
    const summary = assertOk(cabinet.store.unsettledSummary());
    expect(summary.count).toBe(sold.filter((s) => /human|reject/.test(fateOf(s.chargeId))).length);
    await cabinet.die();
    scratch.remove();
  });
});
