import { eq } from 'drizzle-orm';
import { expect, it, vi } from 'vitest';
import {
  type DesiredStateReply,
  desiredParts,
  desiredStateWaitMaxMs,
  nothingKnown,
} from '../../shared/api/desired-state.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { Answer, OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { BodyBudget } from '../http/body-budget.ts';
import { provenBodies } from '../limits.ts';
import { cabinetInForce, member, planogram } from '../storage/schema.ts';
import { DesiredStates } from './desired-states.ts';
import { type OrderBody, putOrder } from './update-orders.ts';

const body: OrderBody = {
  issuedAtMs: 1,
  expiresAtMs: 2,
  release: '1.0.0',
  percent: 10,
  windows: [],
  isPaused: false,
  withdrawn: [],
  isPinEnded: false,
};
const path = '/v1/desired-state';
const waitMs = desiredStateWaitMaxMs;
type Known = DesiredStateReply['marks'];

onStorage('what is decided for cabinets', (harness) => {
  const ask = (operator: OperatorHarness, known: Known, more: object = {}, cabinet = operator.cabinet) =>
    operator.send('POST', path, { waitMs, known, inForce: null, ...more }, cabinet);
  const marksIn = (answer: Answer): Known => (answer.body as DesiredStateReply).marks;
  /** What it is told that knows nothing: at once. */
  const told = async (operator: OperatorHarness, cabinet = operator.cabinet): Promise<Known> =>
    marksIn(await operator.during(ask(operator, nothingKnown, {}, cabinet)));

  it('who knows nothing is told at once; who knows all is held until the time is over', async () => {
    const operator = harness();
    const known = await told(operator);
    expect(Object.keys(known).sort()).toEqual([...desiredParts].sort());
    const beganMs = operator.clock.monotonicMs();
    expect(marksIn(await operator.during(ask(operator, known), 500))).toEqual(known);
    expect(operator.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(waitMs);
  });

  it('an older cabinet that keeps fewer parts is held, and told of those', async () => {
    const operator = harness();
    const { catalog, offlinePolicy, cabinetStaff } = await told(operator);
    const older = { catalog, offlinePolicy, cabinetStaff };
    const beganMs = operator.clock.monotonicMs();
    await operator.during(ask(operator, older), 500);
    expect(operator.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(waitMs);
  });

  it('an order for all is told to all who wait, one for a cabinet to that one alone', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const known = await told(operator);
    const both = [ask(operator, known), ask(operator, known, {}, other)];
    await operator.pass(3_000);
    await putOrder(operator.db, null, body);
    const beganMs = operator.clock.monotonicMs();
    const [first, second] = (await operator.during(Promise.all(both), 100)).map(marksIn);
    expect(operator.clock.monotonicMs() - beganMs).toBeLessThanOrEqual(2_000);
    expect(first).toEqual({ ...known, updateOrder: '1' });
    expect(second).toEqual(first);

    const again = [ask(operator, first ?? {}), ask(operator, first ?? {}, { waitMs: 10_000 }, other)];
    await operator.pass(2_000);
    await putOrder(operator.db, other.cabinetId, body);
    const [mine, others] = (await operator.during(Promise.all(again), 500)).map(marksIn);
    expect(mine).toEqual(first);
    expect(others?.updateOrder).toBe('1 2');
  });

  it('a plan for a cabinet is told to that one alone, also one of the same second as another', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const [known, others] = [await told(operator), await told(operator, other)];
    const plan = async (cabinetId: string): Promise<void> => {
      const row = { cabinetId, version: 7, slots: '[]', madeBy: 'anna', madeAtMs: operator.clock.nowMs() };
      await operator.db.insert(planogram).values(row);
    };
    const mine = ask(operator, known);
    await operator.pass(3_000);
    await plan(operator.cabinet.cabinetId);
    expect(marksIn(await operator.during(mine, 100))).toEqual({ ...known, planogram: '7' });
    const theirs = ask(operator, others, {}, other);
    await operator.pass(3_000);
    await plan(other.cabinetId);
    const beganMs = operator.clock.monotonicMs();
    expect(marksIn(await operator.during(theirs, 100))).toEqual({ ...others, planogram: '7' });
    expect(operator.clock.monotonicMs() - beganMs).toBeLessThanOrEqual(2_000);
  });

  it('that somebody is suspended is told once a policy says so', async () => {
    const operator = harness();
    await operator.authorise((await operator.visit()).visitId, operator.code());
    const known = await told(operator);
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1001'));
    await operator.pass(60_000);
    const now = marksIn(await operator.during(ask(operator, known), 100));
    expect(now.offlinePolicy).not.toBe(known.offlinePolicy);
    expect(now).toEqual({ ...known, offlinePolicy: now.offlinePolicy });
  });

  it('a cabinet has one question open: a newer one ends the one before, however many it sends', async () => {
    const operator = harness();
    const known = await told(operator);
    const burst = Array.from({ length: 300 }, () => ask(operator, known));
    const ended = await operator.during(
      Promise.all(burst.map((one) => one.then(({ status }) => status))),
      500,
    );
    expect(new Set(ended)).toEqual(new Set([200, 429]));
    await putOrder(operator.db, null, body);
    expect((await told(operator)).updateOrder).toBe('1');
  });

  it('whoever is held takes no room for its body from others', async () => {
    const operator = harness();
    const known = await told(operator);
    const reserve = vi.spyOn(BodyBudget.prototype, 'reserve');
    const held = [
      ask(operator, known),
      operator.send('POST', '/v1/claims/next', { showing: 'AAAAAAA2', waitMs: 20_000 }),
    ];
    await operator.pass(2_000);
    const [budget] = reserve.mock.contexts as BodyBudget[];
    const all = { key: 'all', max: { countMax: 1, bytesMax: provenBodies.ofAll.bytesMax } };
    expect(reserve).toHaveBeenCalledTimes(2);
    expect(budget?.hasRoom([all], 1)).toBe(true);
    reserve.mockRestore();
    await operator.during(Promise.all(held), 500);
  });

  it('the service closes: who waits is answered, and nothing is looked at any more', async () => {
    const operator = harness();
    const known = await told(operator);
    const waiting = ask(operator, known);
    await operator.pass(1_000);
    await operator.close();
    expect(marksIn(await waiting)).toEqual(known);
    const restarted = operator.restarted();
    expect(await told(restarted)).toEqual(known);
    await restarted.close();
  });

  it('clocks that jump change nothing: what is waited for is counted by the other one', async () => {
    const operator = harness();
    const known = await told(operator);
    const waiting = ask(operator, known, { waitMs: 10_000 });
    await operator.pass(1_000);
    operator.clock.jumpWall(-400 * 86_400_000);
    await operator.pass(5_000);
    await putOrder(operator.db, null, body);
    expect(marksIn(await operator.during(waiting, 100)).updateOrder).toBe('1');
  });

  it('keeps what is in force at a cabinet as it was said last', async () => {
    const operator = harness();
    const inForce = {
      app: '1.0.0',
      catalog: 'c',
      offlinePolicy: 1e10,
      cabinetStaff: 2e10,
      updateOrder: null,
    };
    const say = (app: string) =>
      operator.during(
        ask(operator, nothingKnown, { inForce: { ...inForce, app } }).then(({ status }) => status),
      );
    expect(await say('1.0.0')).toBe(200);
    operator.clock.jumpWall(-1_000);
    expect(await say('0.9.0')).toBe(200);
    operator.clock.jumpWall(2_000);
    const rows = async () => operator.db.select().from(cabinetInForce);
    expect(await rows()).toMatchObject([{ ...inForce, cabinetId: 'CAB-1' }]);
    expect(await say('1.1.0')).toBe(200);
    expect(await rows()).toMatchObject([{ app: '1.1.0' }]);
  });

  it.each([
    ['too long a wait', { waitMs: waitMs + 1, known: {}, inForce: null }],
    ['a negative one', { waitMs: -1, known: {}, inForce: null }],
    ['marks that are none', { waitMs: 0, known: { catalog: 'x'.repeat(65) }, inForce: null }],
    ['no word of what is in force', { waitMs: 0, known: {} }],
  ])('refuses %s', async (_, sent) => {
    const operator = harness();
    expect(await operator.send('POST', path, sent)).toMatchObject({ status: 400 });
  });

  it('so many wait at one instance, and no more; it rests while nobody does, also without its database', async () => {
    const operator = harness();
    let looks = 0;
    let isAway = false;
    const states = new DesiredStates({
      db: operator.db,
      clock: operator.clock,
      logger: silentLogger,
      catalog: {
        etag: '"c"',
        refresh: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(void looks++)),
      },
      offlinePolicies: { renew: () => Promise.resolve() },
      waitersMax: 2,
    });
    const wait = (cabinetId: string, known: Known, ms = 10_000) =>
      states.wait(cabinetId, { known, waitMs: ms }, new AbortController().signal);
    const first = await operator.during(wait('A', nothingKnown), 100);
    const known = first.ok ? first.value.marks : {};
    const [a, b] = [wait('A', known), wait('B', known)];
    expect(await wait('C', known)).toMatchObject({ ok: false, error: { retryAfterS: 60 } });
    expect(states.waiting).toBe(2);
    await operator.during(Promise.all([a, b]), 500);
    expect(states.waiting).toBe(0);
    await operator.pass(5_000);
    const before = looks;
    await operator.pass(3_600_000, 60_000);
    expect(looks).toBe(before);
    isAway = true;
    const away = await operator.during(wait('A', known, 5_000), 500);
    expect(away).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    await states.close();
  });
});
