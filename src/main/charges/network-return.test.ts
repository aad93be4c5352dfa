import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import type { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { newCabinetWorld } from '../../testkit/main/charges/set-up.ts';
import type { StubOperator } from '../../testkit/main/charges/stub-operator.ts';

/** What a cabinet has sold offline (docs/payments.md#opening-while-offline: 200 charges at most), when the network returns. */
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

test('200 charges are with the operator within 60 s, oldest first, and a live one does not wait for them', async () => {
  const cabinet = new Cabinet({ path, clock, network });
  cabinet.start();
  await clock.advance(1_000);
  network.faultOf = () => 'refused';
  const sold: ChargeId[] = [];
  for (let i = 0; i < 200; i++) {
    sold.push(cabinet.sell(i, 100));
    await clock.advance(7 * 60_000);
  }
  const order: string[] = [];
  network.faultOf = ({ method, path: where }) => {
    if (method === 'PUT') order.push(where.split('/').at(-1) ?? '');
    return null;
  };
  const backMs = clock.monotonicMs();
  for (let i = 0; i < 2000 && operator.arrived.size < 50; i++) await clock.advance(10);
  const live = cabinet.sell(1000, 100);
  await clock.advance(100);
  expect(cabinet.state(live)).toBe('paid');
  expect(operator.arrived.size).toBeLessThan(200);
  for (let i = 0; i < 6000 && operator.arrived.size < 201; i++) await clock.advance(10);
  expect(operator.arrived.size).toBe(201);
  expect(clock.monotonicMs() - backMs).toBeLessThan(60_000);
  expect(order.filter((id) => id !== live)).toEqual(sold);
  await clock.advance(60_000);
  expect(assertOk(cabinet.store.unsettledSummary()).count).toBe(0);
  expect(network.breaches).toEqual([]);
  await cabinet.die();
});
