import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { AuthoriseReply } from '../../shared/api/operator.ts';
import { sleep } from '../../shared/clock.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import {
  chargeAgeMaxMs,
  defaultPolicy,
  orderCloseEveryMs,
  orderCloseTellAfter,
  orderCloseTriesMax,
  orderOpenMaxMs,
} from '../limits.ts';
import type { CloseOutcome, OpenOutcome, OpenRequest, RealProvider } from '../providers/provider.ts';
import { incident, member, visit as visitTable, visitOrder } from '../storage/schema.ts';

const closed: CloseOutcome = { kind: 'closed' };
const silentCloseMs = 6 * 3_600_000;

/** A provider that wants an order before the door: what it was asked, and what it answers. */
class Orders {
  readonly opened: OpenRequest[] = [];
  readonly closedIds: string[] = [];
  open: () => Promise<OpenOutcome> = () => Promise.resolve({ kind: 'open' });
  close: () => Promise<CloseOutcome> = () => Promise.resolve(closed);
  /** Null: as the fake provider does. */
  debit: RealProvider['debit'] | null = null;

  provider(operator: OperatorHarness, closeSilentAfterMs = silentCloseMs, holdsMoney = false): RealProvider {
    return {
      ...alteredProvider(operator.provider, {
        name: 'ordering',
        debit: (request) => (this.debit ?? operator.provider.debit.bind(operator.provider))(request),
        close: (orderId) => {
          this.closedIds.push(orderId);
          return this.close();
        },
      }),
      beforeDoor: { holdsMoney, closeSilentAfterMs },
      open: (request) => {
        this.opened.push(request);
        return this.open();
      },
      refund: () => Promise.resolve({ kind: 'refunded' }),
      findRefund: () => Promise.resolve({ kind: 'not_found' }),
      receive: () => Promise.resolve({ kind: 'other' }),
      answerTo: () => ({ status: 200, contentType: 'text/plain', body: '' }),
    };
  }
}

it('whoever stands at the door hears of a provider that does not answer in time', () => {
  expect(orderOpenMaxMs).toBeLessThanOrEqual(apiRoutes.authorise.timeoutMs - 1_000);
});

onStorage('an order before the door', (harness) => {
  /** An operator whose members have their accounts at such a provider. */
  const start = async (closeSilentAfterMs?: number, holdsMoney?: boolean) => {
    await harness().close();
    const orders = new Orders();
    const provider = orders.provider(harness(), closeSilentAfterMs, holdsMoney);
    const operator = harness().restarted({ realProviders: [provider] });
    await operator.db.update(member).set({ provider: 'ordering' });
    return { operator, orders };
  };
  const newVisit = (operator: OperatorHarness, cabinet = operator.cabinet): Visit => {
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    return { ...ids, cabinetId: cabinet.cabinetId, memberId: 'M1001' };
  };
  const ask = async (
    operator: OperatorHarness,
    { visitId, chargeId }: Visit,
    { code = operator.code(), cabinet = operator.cabinet }: { code?: string; cabinet?: TestCabinet } = {},
  ): Promise<AuthoriseReply> => {
    const body = { visitId, chargeId, code };
    const answer = await operator.during(operator.send('POST', '/v1/visits/authorise', body, cabinet));
    return authoriseReplySchema.parse(answer.body);
  };
  const sayNothing = (operator: OperatorHarness, { visitId, chargeId }: Visit, cabinet?: TestCabinet) => {
    const body = { chargeId, ended: 'nothing_taken', totalMinor: 0, heldMinor: 0, closedAtMs: 1 };
    return operator.send('PUT', `/v1/visits/${visitId}/closing`, body, cabinet);
  };
  const put = (operator: OperatorHarness, of: Visit, change = {}) =>
    operator.during(operator.send('PUT', `/v1/charges/${of.chargeId}`, chargeBody(of, change)));
  const stateOf = async (operator: OperatorHarness, { chargeId }: Visit) => {
    const [row] = await operator.db.select().from(visitOrder).where(eq(visitOrder.orderId, chargeId));
    return row?.state;
  };
  const untilState = (operator: OperatorHarness, of: Visit, state: string, boundMs = 60_000) =>
    operator.until(async () => (await stateOf(operator, of)) === state, boundMs, 1_000);

  it('is opened under the number of the charge, for what the visit may cost, and debited under it', async () => {
    const { operator, orders } = await start();
    const of = newVisit(operator);
    expect(await ask(operator, of)).toMatchObject({ decision: 'allowed' });
    const maxMinor = defaultPolicy.unpaidMaxMinor;
    const asked = { orderId: of.chargeId, memberId: 'M1001', currency: 'CNY', cabinetId: 'CAB-1', maxMinor };
    expect(orders.opened).toMatchObject([asked]);
    expect(await stateOf(operator, of)).toBe('open');
    await put(operator, of);
    expect(await operator.debitCount(of.chargeId)).toBe(1);
    operator.clock.jumpWall(silentCloseMs);
    await untilState(operator, of, 'debited');
    expect(orders.closedIds).toEqual([]);
    await operator.close();
  });

  it('is closed when the member has another account by the time the charge comes, which is debited', async () => {
    const { operator, orders } = await start();
    const of = newVisit(operator);
    await ask(operator, of);
    await operator.db.update(member).set({ provider: 'fake' });
    await put(operator, of);
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'paid', provider: 'fake' });
    await untilState(operator, of, 'closed');
    expect(orders.closedIds).toEqual([of.chargeId]);
    await operator.close();
  });

  it('is closed within a minute when nothing was taken', async () => {
    const { operator, orders } = await start();
    const of = newVisit(operator);
    await ask(operator, of);
    await operator.pass(3 * orderCloseEveryMs);
    expect(orders.closedIds).toEqual([]);
    await sayNothing(operator, of);
    await untilState(operator, of, 'closed');
    expect(orders.closedIds).toEqual([of.chargeId]);
    await operator.close();
  });

  it('is not opened for a visit that is over: asked once more after the report of its end', async () => {
    const { operator, orders } = await start();
    await operator.db.update(member).set({ provider: 'fake' });
    const of = newVisit(operator);
    const code = operator.code();
    expect(await ask(operator, of, { code })).toMatchObject({ decision: 'allowed' });
    await sayNothing(operator, of);
    await operator.db.update(member).set({ provider: 'ordering' });
    expect(await ask(operator, of, { code })).toMatchObject({ decision: 'allowed' });
    expect(orders.opened).toEqual([]);
    expect(await stateOf(operator, of)).toBeUndefined();
    await operator.close();
  });

  it('is closed once more where its end came while the provider was asked to open it', async () => {
    const { operator, orders } = await start();
    let opens: (outcome: OpenOutcome) => void = () => undefined;
    orders.open = () => new Promise((resolve) => (opens = resolve));
    const of = newVisit(operator);
    // Its answer takes longer than whoever stands at the door waits.
    expect(await ask(operator, of)).toMatchObject({ decision: 'allowed' });
    await sayNothing(operator, of);
    await untilState(operator, of, 'closed');
    opens({ kind: 'open' });
    await operator.until(() => Promise.resolve(orders.closedIds.length === 2), 60_000, 1_000);
    expect(await stateOf(operator, of)).toBe('closed');
    await operator.close();
  });

  it.each([
    [
      'declined',
      { kind: 'declined', reason: 'account.authentication_required' },
      'account.authentication_required',
    ],
    ['rejected', { kind: 'rejected', message: 'no such service' }, 'system.provider_error'],
  ] as const)('%s: the door stays shut, also when the cabinet asks again', async (_, outcome, reason) => {
    const { operator, orders } = await start();
    orders.open = () => Promise.resolve(outcome);
    const of = newVisit(operator);
    const code = operator.code();
    expect(await ask(operator, of, { code })).toEqual({ decision: 'refused', reason });
    expect(await ask(operator, of, { code })).toEqual({ decision: 'refused', reason });
    expect(orders.opened).toHaveLength(1);
    const rows = await operator.db.select().from(visitTable);
    expect(rows.map(({ allowed, watchAtMs }) => [allowed, watchAtMs])).toEqual([[false, null]]);
    await untilState(operator, of, 'closed');
    await operator.close();
  });

  it.each([
    ['no answer', () => new Promise<never>(() => undefined)],
    ['unknown', () => Promise.resolve({ kind: 'unknown', message: 'lost' } as const)],
    ['not sent', () => Promise.resolve({ kind: 'not_sent', message: 'no connection' } as const)],
    ['a bug', () => Promise.reject(new Error('a bug'))],
  ])('%s keeps nobody out; what may be there is closed when nothing was taken', async (_, open) => {
    const { operator, orders } = await start();
    orders.open = open;
    const of = newVisit(operator);
    const beganMs = operator.clock.monotonicMs();
    expect(await ask(operator, of)).toMatchObject({ decision: 'allowed' });
    expect(operator.clock.monotonicMs() - beganMs).toBeLessThanOrEqual(orderOpenMaxMs + 100);
    expect(await stateOf(operator, of)).toBe('asked');
    await sayNothing(operator, of);
    await untilState(operator, of, 'closed');
    expect(orders.closedIds).toEqual([of.chargeId]);
    await operator.close();
  });

  it('is not closed for silence before its time, and is then', async () => {
    const { operator, orders } = await start(chargeAgeMaxMs);
    const of = newVisit(operator);
    await ask(operator, of);
    operator.clock.jumpWall(chargeAgeMaxMs - 60_000);
    await operator.pass(3 * orderCloseEveryMs);
    expect(orders.closedIds).toEqual([]);
    await operator.pass(60_000);
    await untilState(operator, of, 'closed');
    await operator.close();
  });

  it('is closed when its charge is settled without a debit, or people have it for too long', async () => {
    const { operator, orders } = await start();
    const [waiting, free] = [newVisit(operator), newVisit(operator)];
    await ask(operator, waiting);
    await put(operator, waiting, { review: ['recognition.reader_lost'], confirmedByShopper: false });
    await operator.pass(3 * orderCloseEveryMs);
    expect(orders.closedIds).toEqual([]);
    const resolved = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${waiting.chargeId}/resolve`,
      payload: { by: 'a', decision: 'waive', amountMinor: 0 },
    });
    expect(resolved?.statusCode).toBe(200);
    await untilState(operator, waiting, 'closed');
    const held = newVisit(operator);
    await ask(operator, held);
    await put(operator, held, { review: ['recognition.reader_lost'], confirmedByShopper: false });
    operator.clock.jumpWall(silentCloseMs);
    await untilState(operator, held, 'closed');
    // All at no price: there is nothing to debit.
    await ask(operator, free);
    await put(operator, free, { lines: [{ ...line('C', 3, 1), unitPriceMinor: 0, amountMinor: 0 }] });
    await untilState(operator, free, 'closed');
    await operator.close();
  });

  describe('money that it holds is let go within a minute of', () => {
    const debit = (operator: OperatorHarness, { chargeId }: Visit, amountMinor: number) =>
      operator.operator.developmentApi?.inject({
        method: 'POST',
        url: `/dev/charges/${chargeId}/resolve`,
        payload: { by: 'a', decision: 'debit', amountMinor },
      });
    const held: [string, Partial<ChargeBody>][] = [
      [
        'a charge that people have to look at',
        { review: ['recognition.reader_lost'], confirmedByShopper: false },
      ],
      ['a charge with nothing billed', { lines: [], heldLines: [line('A1', 350, 2)] }],
      ['a charge for another currency than ours', { currency: 'EUR' }],
    ];
    it.each(held)('%s, which is debited anew when they have decided', async (_, change) => {
      const { operator, orders } = await start(chargeAgeMaxMs, true);
      const of = newVisit(operator);
      await ask(operator, of);
      await put(operator, of, change);
      expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'needs_attention' });
      await untilState(operator, of, 'closed');
      expect(orders.closedIds).toEqual([of.chargeId]);
      const resolved = await debit(operator, of, 350);
      expect(resolved?.statusCode).toBe(200);
      await operator.until(async () => (await operator.debitCount(of.chargeId)) === 1, 60_000, 1_000);
      await operator.close();
    });

    it('a report of all that was billed, before it was debited', async () => {
      const { operator, orders } = await start(chargeAgeMaxMs, true);
      const of = newVisit(operator);
      await ask(operator, of);
      orders.debit = () => Promise.resolve({ kind: 'not_sent', message: 'away' });
      await put(operator, of);
      await operator.pass(3 * orderCloseEveryMs);
      expect(orders.closedIds).toEqual([]);
      const atMs = operator.clock.nowMs();
      const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
      const body = { disputeId, skus: ['A1', 'B2'], atMs };
      const path = `/v1/charges/${of.chargeId}/disputes`;
      expect((await operator.during(operator.send('POST', path, body))).status).toBe(200);
      expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'needs_attention' });
      await untilState(operator, of, 'closed');
      await operator.close();
    });

    it('a debit that the provider rejects, once it is sure that nothing was debited', async () => {
      const { operator, orders } = await start(chargeAgeMaxMs, true);
      const of = newVisit(operator);
      await ask(operator, of);
      orders.debit = () => Promise.resolve({ kind: 'rejected', message: 'no such service' });
      await put(operator, of);
      expect(await operator.chargeRow(of.chargeId)).toMatchObject({
        state: 'needs_attention',
        inDoubt: true,
      });
      const inDoubt = async () => (await operator.chargeRow(of.chargeId)).inDoubt;
      await operator.until(async () => !(await inDoubt()), 3_600_000, 10_000);
      await untilState(operator, of, 'closed');
      expect(orders.closedIds).toContain(of.chargeId);
      await operator.close();
    });

    it('the door that stayed shut, and a basket that cost nothing', async () => {
      const { operator } = await start(chargeAgeMaxMs, true);
      const [shut, free] = [newVisit(operator), newVisit(operator)];
      for (const of of [shut, free]) await ask(operator, of);
      await sayNothing(operator, shut);
      await put(operator, free, { lines: [{ ...line('C', 3, 1), unitPriceMinor: 0, amountMinor: 0 }] });
      for (const of of [shut, free]) await untilState(operator, of, 'closed');
      await operator.close();
    });
  });

  it('what holds no money stays for what people decide', async () => {
    const { operator, orders } = await start(chargeAgeMaxMs);
    const of = newVisit(operator);
    await ask(operator, of);
    await put(operator, of, { review: ['recognition.reader_lost'], confirmedByShopper: false });
    await operator.pass(3 * orderCloseEveryMs);
    operator.clock.jumpWall(chargeAgeMaxMs / 2);
    await operator.pass(3 * orderCloseEveryMs);
    expect(orders.closedIds).toEqual([]);
    operator.clock.jumpWall(chargeAgeMaxMs / 2);
    await untilState(operator, of, 'closed');
    await operator.close();
  });

  it('is not closed while its charge may be debited by itself', async () => {
    const { operator, orders } = await start();
    const of = newVisit(operator);
    await ask(operator, of);
    orders.debit = () => Promise.resolve({ kind: 'not_sent', message: 'away' });
    await put(operator, of);
    expect(await operator.chargeRow(of.chargeId)).toMatchObject({ state: 'accepted' });
    operator.clock.jumpWall(silentCloseMs);
    await operator.pass(3 * orderCloseEveryMs);
    expect(orders.closedIds).toEqual([]);
    await operator.close();
  });

  it('is tried again when it cannot be closed, and listed at the end', async () => {
    const { operator, orders } = await start();
    orders.close = () => Promise.resolve({ kind: 'unknown', message: 'away' });
    const of = newVisit(operator);
    await ask(operator, of);
    await sayNothing(operator, of);
    const listed = async () => {
      const rows = await operator.db.select().from(incident).where(eq(incident.kind, 'order_not_closed'));
      return rows.filter(({ resolvedAtMs }) => resolvedAtMs === null).map(({ detail }) => detail);
    };
    for (let i = 1; i <= orderCloseTellAfter; i++) {
      expect(await listed()).toEqual([]);
      await operator.until(() => Promise.resolve(orders.closedIds.length >= i), 3_600_000, 10_000);
    }
    await operator.until(async () => (await listed()).length === 1, 10_000, 1_000);
    expect(await listed()).toEqual([expect.stringContaining('it is tried again')]);
    // About eight days later.
    await operator.db.update(visitOrder).set({ failureCount: orderCloseTriesMax - 1 });
    operator.clock.jumpWall(3_600_000);
    await untilState(operator, of, 'failed');
    expect(await listed()).toEqual([expect.not.stringContaining('it is tried again')]);
    await operator.close();
  });

  it('is listed no more once it is closed', async () => {
    const { operator, orders } = await start();
    orders.close = () => Promise.resolve({ kind: 'unknown', message: 'away' });
    const of = newVisit(operator);
    await ask(operator, of);
    await sayNothing(operator, of);
    await operator.db.update(visitOrder).set({ failureCount: orderCloseTellAfter - 1 });
    const open = async () => {
      const rows = await operator.db.select().from(incident);
      return rows.filter(({ resolvedAtMs }) => resolvedAtMs === null).length;
    };
    await operator.until(async () => (await open()) === 1, 60_000, 1_000);
    orders.close = () => Promise.resolve(closed);
    operator.clock.jumpWall(3_600_000);
    await untilState(operator, of, 'closed');
    expect(await open()).toBe(0);
    await operator.close();
  });

  it('people hear of money that has moved though nothing was taken', async () => {
    const { operator, orders } = await start();
    orders.close = () => Promise.resolve({ kind: 'paid', amountMinor: 500 });
    const of = newVisit(operator);
    await ask(operator, of);
    await sayNothing(operator, of);
    await untilState(operator, of, 'failed');
    expect(await operator.incidentKinds()).toContain('order_not_closed');
    await operator.close();
  });

  it('two instances close it once', async () => {
    const { operator, orders } = await start();
    const other = operator.restarted({ realProviders: [orders.provider(operator)] });
    orders.close = async () => {
      await sleep(operator.clock, 2_000);
      return closed;
    };
    const of = newVisit(operator);
    await ask(operator, of);
    await sayNothing(operator, of);
    await untilState(operator, of, 'closed');
    expect(orders.closedIds).toEqual([of.chargeId]);
    await other.close();
    await operator.close();
  });

  it('attack: a stolen key that names another cabinet’s charge neither opens nor closes its order', async () => {
    const { operator, orders } = await start();
    const thief = makeCabinet('CAB-T');
    await operator.enrol(thief);
    const of = newVisit(operator);
    await ask(operator, of);
    const his = { ...of, visitId: newVisitId(operator.clock.nowMs()), cabinetId: 'CAB-T' };
    expect(await ask(operator, his, { cabinet: thief })).toMatchObject({ decision: 'allowed' });
    await sayNothing(operator, his, thief);
    await operator.pass(3 * orderCloseEveryMs);
    expect(orders.opened).toHaveLength(1);
    expect(orders.closedIds).toEqual([]);
    // Nor after it was charged.
    await put(operator, of);
    const again = { ...his, visitId: newVisitId(operator.clock.nowMs()) };
    await operator.db.delete(visitOrder);
    await ask(operator, again, { cabinet: thief });
    expect(orders.opened).toHaveLength(1);
    await operator.close();
  });

  it('a cabinet from before, which names no charge, has its order opened by the debit', async () => {
    const { operator, orders } = await start();
    const of = await operator.visit();
    expect(orders.opened).toEqual([]);
    await put(operator, of);
    expect(await operator.debitCount(of.chargeId)).toBe(1);
    await operator.close();
  });
});
