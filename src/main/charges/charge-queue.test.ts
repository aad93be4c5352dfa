import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeClock } from '../../shared/clock.ts';
import { fail } from '../../shared/result.ts';
import { refusedAgainMs, retryAfterMaxMs } from '../../core/charge/delivery.ts';
import type { ChargeStore } from './charge-store.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import type { Fault, FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { newCabinetWorld } from '../../testkit/main/charges/set-up.ts';
import type { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';

let clock: FakeClock;
let operator: StubOperator;
let network: FaultyNetwork;
let path: string;
let remove: () => void;
beforeEach(() => {
  ({ clock, operator, network, path, remove } = newCabinetWorld());
});
afterEach(() => {
  remove();
});

const boot = (): Cabinet => {
  const cabinet = new Cabinet({ path, clock, network });
  cabinet.start();
  return cabinet;
};
const onlyFirst = (...faults: (Fault | null)[]) => {
  const left = [...faults];
  network.faultOf = ({ path: where }) => (where === '/v1/health' ? null : (left.shift() ?? null));
};
const answered = () => [...operator.arrived.keys()].map((id) => operator.answerOf(id)?.state);
const methods = () => network.log.map((entry) => entry.method).join(' ');

describe('the usual ways', () => {
  test('a charge is on its way at once and paid in one round trip', async () => {
    const cabinet = boot();
    await clock.advance(100);
    const chargeId = cabinet.sell(1, 1250);
    await clock.advance(10);
    expect(cabinet.state(chargeId)).toBe('paid');
    expect(answered()).toEqual(['paid']);
    expect(cabinet.changed).toContain(chargeId);
    expect(assertOk(cabinet.store.unsettledSummary())).toEqual({
      count: 0,
      sumMinor: 0,
      oldestMs: null,
      undeliveredCount: 0,
    });
  });

  test('an accepted one is asked about until it is paid, a declined one until it is collected', async () => {
    operator.fateOf = (id) => (id.endsWith('0') ? 'accepted' : 'collecting');
    const cabinet = boot();
    const ids = [cabinet.sell(1, 500), cabinet.sell(2, 700)];
    await clock.advance(100);
    for (const id of ids) expect(cabinet.state(id)).toMatch(/accepted|collecting/);
    await clock.advance(5000);
    for (const id of ids) expect(cabinet.state(id)).toBe('paid');
    expect(answered()).toEqual(['paid', 'paid']);
  });

  test('the operator bills less: taken; it refuses: a human, and nothing is sent again', async () => {
    operator.fateOf = () => 'lower';
    const cabinet = boot();
    const lower = cabinet.sell(1, 500);
    await clock.advance(5000);
    expect(assertOk(cabinet.store.get(lower))).toMatchObject({
      state: 'paid',
      totalMinor: 500,
      billedMinor: 250,
    });
    operator.fateOf = () => 'reject';
    const refused = cabinet.sell(2, 900);
    await clock.advance(60 * 60_000);
    expect(assertOk(cabinet.store.get(refused))).toMatchObject({
      state: 'needs_attention',
      reason: 'system.rejected',
    });
    expect(network.log.filter((entry) => entry.chargeId === refused)).toHaveLength(1);
    expect(assertOk(cabinet.store.unsettledSummary())).toMatchObject({
      count: 1,
      sumMinor: 900,
      undeliveredCount: 1,
    });
  });
});

describe('each fault on the first request', () => {
  const expected: Record<Fault, RegExp> = {
    refused: /^PUT PUT$/,
    'cut before': /^PUT GET PUT$/,
    'cut after': /^PUT GET$/,
    'hang before': /^PUT GET PUT$/,
    'hang after': /^PUT GET$/,
    late: /^PUT GET PUT$/,
    'error before': /^PUT GET PUT$/,
    'error after': /^PUT GET$/,
    busy: /^PUT PUT$/,
    'garbage before': /^PUT GET PUT$/,
    'garbage after': /^PUT GET$/,
    portal: /^PUT GET PUT$/,
    'key refused': /^PUT PUT$/,
    'of another cabinet': /^PUT PUT$/,
    'no such path': /^PUT PUT$/,
    'too large': /^PUT PUT$/,
    // A no of our operator: looked at by a human, and sent once more hours later.
    'bad request': /^PUT PUT$/,
    'bare 404': /^PUT GET PUT$/,
    'bare 400': /^PUT GET PUT$/,
    'bare 413': /^PUT GET PUT$/,
    'asked to log in': /^PUT GET PUT$/,
    'sent elsewhere': /^PUT GET PUT$/,
    'proxy says an hour': /^PUT GET PUT$/,
  };
  for (const [fault, order] of Object.entries(expected)) {
    test(fault, async () => {
      onlyFirst(fault as Fault);
      const cabinet = boot();
      const chargeId = cabinet.sell(1, 1250);
      const waitsMs: Partial<Record<string, number>> = {
        'bad request': refusedAgainMs + 1_000,
        'proxy says an hour': retryAfterMaxMs + 1_000,
      };
      await clock.advance(waitsMs[fault] ?? 20_000);
      expect(cabinet.state(chargeId)).toBe('paid');
      expect(methods()).toMatch(order);
      expect(answered()).toEqual(['paid']);
      expect(network.breaches).toEqual([]);
      expect(auditOf(cabinet.db)).toMatchObject({ kinds: [], chargeCount: 1 });
    });
  }

  test('the reason on record says what is wrong meanwhile', async () => {
    network.faultOf = () => 'refused';
    const cabinet = boot();
    const chargeId = cabinet.sell(1, 1250);
    await clock.advance(1000);
    expect(assertOk(cabinet.store.get(chargeId))).toMatchObject({
      state: 'queued',
      reason: 'network.unreachable',
    });
    network.faultOf = () => 'error before';
    await clock.advance(10 * 60_000);
    expect(assertOk(cabinet.store.get(chargeId)).reason).toBe('system.operator_error');
    network.faultOf = () => 'asked to log in';
    await clock.advance(10 * 60_000);
    expect(assertOk(cabinet.store.get(chargeId)).reason).toBe('network.unreachable');
  });
});

describe('a faulty deployment, a proxy or a portal before a backlog', () => {
  const faults: Fault[] = [
    ...(['no such path', 'too large', 'bad request', 'bare 404', 'bare 400', 'bare 413'] as const),
    ...([
      'portal',
      'asked to log in',
      'sent elsewhere',
      'garbage before',
      'error before',
      'error after',
    ] as const),
    ...(['key refused', 'busy', 'proxy says an hour'] as const),
  ];
  for (const fault of faults) {
    test(`${fault} for five minutes: no storm, one alarm, and all are paid once`, async () => {
      network.faultOf = () => 'refused';
      const cabinet = boot();
      const ids = Array.from({ length: 50 }, (_, i) => cabinet.sell(i, 100));
      await clock.advance(10 * 60_000);
      network.faultOf = ({ path: to }) => (to === '/v1/health' ? null : fault);
      const before = network.log.length;
      await clock.advance(5 * 60_000);
      expect(network.log.length - before).toBeLessThan(40);
      expect(cabinet.told).toHaveLength(1);
      network.faultOf = () => null;
      await clock.advance(24 * 60 * 60_000);
      expect(ids.map((id) => cabinet.state(id))).toEqual(ids.map(() => 'paid'));
      expect(answered()).toEqual(ids.map(() => 'paid'));
      expect(network.breaches).toEqual([]);
    });
  }

  test('of another cabinet: charges from before a new number wait for a human, those of now pass them by', async () => {
    network.faultOf = () => 'refused';
    const cabinet = boot();
    const before = Array.from({ length: 20 }, (_, i) => cabinet.sell(i, 100));
    await clock.advance(60_000);
    const old = new Set(before.map((id) => `/v1/charges/${id}`));
    network.faultOf = ({ path: to }) => (old.has(to) ? 'of another cabinet' : null);
    await clock.advance(10 * 60_000);
    expect(cabinet.told).toHaveLength(1);
    const asked = network.log.length;
    for (let i = 0; i < 12; i++) {
      const now = cabinet.sell(100 + i, 100);
      // Not at most one in 30 s, as when nobody is taken at all.
      await clock.advance(5_000);
      expect(cabinet.state(now)).toBe('paid');
    }
    await clock.advance(59 * 60_000);
    expect(network.log.length - asked).toBeLessThan(20 * 12 * 3);
    expect(before.map((id) => cabinet.state(id))).toEqual(before.map(() => 'queued'));
    // The number is set right: they leave by themselves.
    network.faultOf = () => null;
    await clock.advance(15 * 60_000);
    expect(before.map((id) => cabinet.state(id))).toEqual(before.map(() => 'paid'));
    expect(answered()).toEqual(Array.from({ length: 32 }, () => 'paid'));
    expect(network.breaches).toEqual([]);
  });

  test('a stranger that asks for an hour is believed for the one charge alone', async () => {
    const cabinet = boot();
    await clock.advance(100);
    onlyFirst('proxy says an hour');
    const first = cabinet.sell(1, 100);
    await clock.advance(100);
    const second = cabinet.sell(2, 100);
    await clock.advance(2_000);
    expect([cabinet.state(first), cabinet.state(second)]).toEqual(['in_doubt', 'paid']);
  });
});

describe('how often', () => {
  test('an operator that is down for hours is asked ever more rarely, however many charges wait', async () => {
    network.faultOf = () => 'error before';
    const cabinet = boot();
    for (let i = 0; i < 50; i++) cabinet.sell(i, 100);
    await clock.advance(60 * 60_000);
    const before = network.log.length;
    await clock.advance(3 * 60 * 60_000);
    // The pause of the queue as a whole is 2.5 min on average; each of the 50 by itself would make 3,600 requests.
    expect(network.log.length - before).toBeLessThan(3 * 60);
    expect(network.log.length - before).toBeGreaterThan(3 * 12);
    network.faultOf = () => null;
    await clock.advance(6 * 60_000);
    expect(assertOk(cabinet.store.unsettledSummary()).count).toBe(0);
    expect(answered()).toEqual(Array.from({ length: 50 }, () => 'paid'));
  });

  test('Retry-After is kept, also by a new charge', async () => {
    onlyFirst('busy');
    const cabinet = boot();
    cabinet.sell(1, 100);
    await clock.advance(100);
    cabinet.sell(2, 100);
    await clock.advance(1800);
    expect(network.log).toHaveLength(1);
    await clock.advance(500);
    expect(answered()).toEqual(['paid', 'paid']);
  });

  test('one charge that the operator stumbles over holds up no other', async () => {
    operator.fateOf = () => 'paid';
    const cabinet = boot();
    const poison = cabinet.sell(0, 100);
    network.faultOf = ({ path: where }) => (where.endsWith(poison) ? 'error before' : null);
    await clock.advance(10 * 60_000);
    for (let i = 1; i <= 5; i++) {
      const chargeId = cabinet.sell(i, 100);
      await clock.advance(50);
      expect(cabinet.state(chargeId), `charge ${i}`).toBe('paid');
      await clock.advance(3 * 60_000);
    }
    expect(cabinet.state(poison)).toBe('in_doubt');
  });

  test('a wall clock that jumps, either way, stops nothing', async () => {
    for (const jumpMs of [-10 * 365 * 24 * 3_600_000, 10 * 365 * 24 * 3_600_000]) {
      const cabinet = boot();
      // Not the link: its return would make everything due by itself.
      network.faultOf = ({ path: where }) => (where === '/v1/health' ? null : 'error before');
      const chargeId = cabinet.sell(jumpMs < 0 ? 1 : 2, 100);
      await clock.advance(30_000);
      clock.jumpWall(jumpMs);
      network.faultOf = () => null;
      await clock.advance(5 * 60_000);
      expect(cabinet.state(chargeId)).toBe('paid');
      await cabinet.die();
    }
  });
});

describe('the network comes back', () => {
  test('one charge whose own back-off has grown to minutes leaves within 2 s', async () => {
    const cabinet = boot();
    await clock.advance(1000);
    network.faultOf = () => 'refused';
    const chargeId = cabinet.sell(1, 100);
    await clock.advance(2 * 60 * 60_000);
    const { nextAttemptMs } = assertOk(cabinet.store.get(chargeId));
    expect(nextAttemptMs! - clock.nowMs()).toBeGreaterThan(5000);
    network.faultOf = () => null;
    await clock.advance(2000);
    expect(cabinet.state(chargeId)).toBe('paid');
  });

  for (const fault of ['refused', 'hang before'] as const) {
    test(`charges leave within 2 s after "${fault}"`, async () => {
      const cabinet = boot();
      await clock.advance(1000);
      network.faultOf = () => fault;
      for (let i = 0; i < 20; i++) cabinet.sell(i, 100);
      for (const cutMs of [10 * 60_000, 61_234, 60_777]) {
        await clock.advance(cutMs);
        expect(cabinet.link.isOnline()).toBe(false);
        network.faultOf = () => null;
        const backMs = clock.monotonicMs();
        await clock.advance(2000);
        const useful = network.log.filter((entry) => entry.atMs > backMs && entry.method === 'PUT');
        expect(useful.length).toBeGreaterThan(0);
        expect(assertOk(cabinet.store.unsettledSummary()).undeliveredCount).toBe(0);
        network.faultOf = () => fault;
        for (let i = 0; i < 5; i++) cabinet.sell(cutMs + i, 100);
      }
      expect(network.breaches).toEqual([]);
      expect(new Set(answered())).toEqual(new Set(['paid']));
    });
  }

  test('a charge in doubt that never arrived leaves within 2 s, even if its own question brings the news', async () => {
    const cabinet = boot();
    await clock.advance(1000);
    for (let cutMs = 300; cutMs < 9000; cutMs += 290) {
      network.faultOf = () => 'cut before';
      const chargeId = cabinet.sell(cutMs, 100);
      await clock.advance(cutMs);
      expect(cabinet.state(chargeId)).toBe('in_doubt');
      network.faultOf = () => null;
      await clock.advance(2000);
      expect(cabinet.state(chargeId), `cut for ${cutMs} ms`).toBe('paid');
    }
    expect(new Set(answered())).toEqual(new Set(['paid']));
  });

  test('a request that was cut off by the gap is given up, not waited for', async () => {
    const cabinet = boot();
    await clock.advance(14_500);
    network.faultOf = () => 'hang before';
    const chargeId = cabinet.sell(1, 100);
    // The probe at 15 s notices after its 1.5 s; the request itself would hang until 22.5 s.
    await clock.advance(3000);
    expect(cabinet.link.isOnline()).toBe(false);
    expect(cabinet.state(chargeId)).toBe('submitting');
    network.faultOf = () => null;
    await clock.advance(2000);
    expect(cabinet.state(chargeId)).toBe('paid');
    expect(methods()).toBe('PUT GET PUT');
  });
});

describe('the end', () => {
  test('stop gives up the request under way; the next run asks about it', async () => {
    const first = boot();
    network.faultOf = () => 'hang after';
    const chargeId = first.sell(1, 100);
    await clock.advance(50);
    await first.die();
    expect(first.state(chargeId)).toBe('in_doubt');
    network.faultOf = () => null;
    await clock.advance(60_000);
    expect(methods()).toBe('PUT');
    const second = boot();
    await clock.advance(1000);
    expect(second.state(chargeId)).toBe('paid');
    expect(methods()).toBe('PUT GET');
  });

  test('storage that fails stops the queue with a word, and sends nothing that is not on record', async () => {
    let broken: keyof ChargeStore | null = null;
    const wrap = <T extends object>(inner: T): T =>
      new Proxy(inner, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          if (name === broken) return () => fail('storage.io', 'disk full');
          return (...args: unknown[]): unknown => Reflect.apply(member, target, args);
        },
      });
    for (const method of ['recoverSubmitting', 'nextDue', 'markSubmitting', 'recordOutcome'] as const) {
      broken = method;
      const cabinet = new Cabinet({ path, clock, network, wrap });
      cabinet.start();
      const before = network.log.length;
      const chargeId = cabinet.sell(network.log.length + method.length, 100);
      await clock.advance(60_000);
      expect(new Set(cabinet.stopped.map(({ code }) => code)), method).toEqual(new Set(['queue.storage']));
      expect(cabinet.queue.running).toBe(false);
      expect(network.log.length - before).toBe(method === 'recordOutcome' ? 1 : 0);
      const states = assertOk(cabinet.store.listUnsettled()).map((charge) => charge.state);
      expect(states.filter((state) => state === 'submitting')).toHaveLength(
        method === 'recordOutcome' ? 1 : 0,
      );
      expect(cabinet.state(chargeId)).toMatch(/queued|submitting/);
      await cabinet.die();
    }
    const healthy = boot();
    await clock.advance(60_000);
    expect(assertOk(healthy.store.unsettledSummary()).count).toBe(0);
    expect(network.breaches).toEqual([]);
    expect(answered()).toEqual(['paid', 'paid', 'paid', 'paid']);
  });
});
