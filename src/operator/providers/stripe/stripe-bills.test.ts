import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import type { Day } from '../../reconciliation/bill.ts';
import { StoredOrders } from '../provider-orders.ts';
import { knownOrderSchema, newOrder } from './known-order.ts';
import { stripeBills } from './stripe-bills.ts';

const day = '2026-11-28' as Day;
const startS = Date.UTC(2026, 10, 28) / 1_000;
const secretKey = 'sk_test_0123456789';
/** More than two pages of them. */
const movements = Array.from({ length: 205 }, (_, i) => ({
  ...{ object: 'balance_transaction', id: `txn_${i}`, type: 'charge', created: startS + i },
  ...{ amount: 100 + i, currency: 'eur' },
  source: {
    ...{ id: `ch_${i}`, object: 'charge', amount: 100 + i, currency: 'eur', payment_intent: `pi_${i}` },
    metadata: { charge: `KM${i}` },
  },
}));
let asked: URLSearchParams[] = [];
let more: unknown[] = [];
let status = 200;
let server: Server;
let baseUrl = '';

/** Stripe's list, written from its documents. */
function list(request: IncomingMessage): unknown {
  if (status !== 200) return { error: { type: 'api_error' } };
  const { searchParams, pathname } = new URL(request.url ?? '', 'http://127.0.0.1');
  if (request.headers.authorization !== `Bearer ${secretKey}` || pathname !== '/v1/balance_transactions')
    return { error: { type: 'invalid_request_error' } };
  asked.push(searchParams);
  const [gte, lt] = ['gte', 'lt'].map((name) => Number(searchParams.get(`created[${name}]`)));
  const all = [...movements, ...(more as typeof movements)].filter(
    ({ created }) => created >= (gte ?? 0) && created < (lt ?? 0),
  );
  const after = all.findIndex(({ id }) => id === searchParams.get('starting_after')) + 1;
  const data = all.slice(after, after + Number(searchParams.get('limit')));
  return { object: 'list', has_more: after + data.length < all.length, data };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(list(request)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  more = [];
  status = 200;
});

onStorage('Stripe’s bill', (harness) => {
  const fetchDay = (which: Day, signal = new AbortController().signal) => {
    const config = {
      baseUrl,
      secretKey,
      webhookSecret: 'whsec_0123456789',
      accountId: null,
      hold: 'none',
      payPages: null,
    } as const;
    return stripeBills({ db: harness().db, config, clock: systemClock, logger: silentLogger }).fetch(
      which,
      signal,
    );
  };

  it('asks for every page of the day, with what moved, under our numbers', async () => {
    const read = await fetchDay(day);
    if (!read.ok) throw new Error(read.error.message);
    const { lines } = read.value;
    expect(lines.map((line) => line.orderId)).toEqual(movements.map((_, i) => `KM${i}`));
    expect(lines[7]).toEqual({
      ...{ kind: 'payment', orderId: 'KM7', ref: 'ch_7', amountMinor: 107, currency: 'EUR' },
      atMs: (startS + 7) * 1_000,
    });
    expect(asked.map((one) => one.get('starting_after'))).toEqual([null, 'txn_99', 'txn_199']);
    expect(asked.map((one) => one.get('expand[0]'))).toEqual(asked.map(() => 'data.source'));
  });

  it('of a day on which nothing moved is empty', async () => {
    expect(await fetchDay('2026-11-27' as Day)).toEqual({ ok: true, value: { lines: [] } });
  });

  it('comes later when nobody answers, or the service ends', async () => {
    status = 500;
    expect(await fetchDay(day)).toMatchObject({ ok: false, error: { code: 'bill_not_ready' } });
    status = 200;
    expect(await fetchDay(day, AbortSignal.abort())).toMatchObject({ error: { code: 'bill_not_ready' } });
  });

  it('leads what a payer’s bank has taken back to the order that its intent had paid', async () => {
    const orders = new StoredOrders(harness().db, systemClock, 'stripe', knownOrderSchema);
    const intent = { id: 'pi_before', amountMinor: 900, isHold: false, customer: 'c', paymentMethod: 'p' };
    await orders.change('KM-BEFORE', () => ({ ...newOrder('M1001'), intent }));
    const of = { charge: 'ch_before', payment_intent: 'pi_before', status: 'needs_response', metadata: {} };
    more = [
      {
        ...{ object: 'balance_transaction', id: 'txn_d1', type: 'adjustment', created: startS + 5 },
        ...{ amount: -900, currency: 'eur', reporting_category: 'dispute' },
        source: { id: 'du_1', object: 'dispute', amount: 900, currency: 'eur', ...of },
      },
    ];
    const read = await fetchDay(day);
    expect(read.ok && read.value.lines.filter(({ kind }) => kind === 'chargeback')).toEqual([
      {
        ...{ kind: 'chargeback', orderId: 'KM-BEFORE', ref: 'txn_d1', amountMinor: 900, currency: 'EUR' },
        atMs: (startS + 5) * 1_000,
      },
    ]);
  });

  it('leads a refund that was made in Stripe’s own pages to the order that its intent had paid', async () => {
    const orders = new StoredOrders(harness().db, systemClock, 'stripe', knownOrderSchema);
    const intent = { id: 'pi_before', amountMinor: 900, isHold: false, customer: 'c', paymentMethod: 'p' };
    await orders.change('KM-BEFORE', () => ({ ...newOrder('M1001'), intent }));
    more = ['pi_before', 'pi_of_another_system'].map((payment_intent, i) => ({
      ...{ object: 'balance_transaction', id: `txn_r${i}`, type: 'refund', created: startS + 5 },
      ...{ amount: -50, currency: 'eur' },
      source: { id: `re_${i}`, object: 'refund', amount: 50, currency: 'eur', payment_intent, metadata: {} },
    }));
    const read = await fetchDay(day);
    const refunds = read.ok ? read.value.lines.filter(({ kind }) => kind === 'refund') : [];
    expect(refunds.map(({ orderId, amountMinor }) => [orderId, amountMinor])).toEqual([
      ['KM-BEFORE', 50],
      ['pi_of_another_system', 50],
    ]);
  });
});
