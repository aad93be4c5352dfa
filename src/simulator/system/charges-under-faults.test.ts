import { sign } from 'node:crypto';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../main/operator/http-transport.ts';
import { defaultPolicy } from '../../operator/limits.ts';
import { charge, chargeEvent } from '../../operator/storage/schema.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import type { Fault } from '../../testkit/main/charges/faulty-network.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { Killer } from '../../testkit/main/charges/killer.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import { embedded } from '../../testkit/operator/storages.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { MemoryServer } from './memory-network.ts';

/** The cabinet's queues, a network that fails in each way, and the real operator: money moves once, and both books say so. */
let store: TestStorage;
let operator: OperatorHarness;
let network: FaultyNetwork;
let path: string;
let removeFolder: () => void;
/** Requests that the operator is working on. */
const serving = new Set<Promise<unknown>>();
let server: MemoryServer;

/** One member buys dozens of times in one day. */
const endlessDay = {
  unpaidMaxCount: 1e9,
  unpaidMaxMinor: 1e9,
  memberDayMaxMinor: 1e9,
  cabinetDayMaxMinor: 1e9,
};

beforeAll(async () => {
  store = await embedded.open();
  operator = await OperatorHarness.make(store.storage.db, { policy: { ...defaultPolicy, ...endlessDay } });
  server = new MemoryServer(operator.app);
});
afterAll(async () => {
  await operator.close();
  await store.close();
});
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  network = new FaultyNetwork(operator.clock, { serve });
});
afterEach(() => removeFolder());

async function serve(request: HttpRequest): Promise<HttpResponse> {
  const { answer } = server.exchange(request);
  serving.add(answer);
  const response = await answer.finally(() => serving.delete(answer));
  if (response === null) throw new Error('the operator broke the connection');
  return response;
}

function boot(wrap?: Killer['wrap']): Cabinet {
  const { privateKey } = operator.cabinet;
  const cabinet = new Cabinet({
    path,
    clock: operator.clock,
    network,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    ...(wrap === undefined ? {} : { wrap }),
  });
  cabinet.start();
  return cabinet;
}

const onlyFirst = (fault: Fault | null): void => {
  const left = [fault];
  network.faultOf = ({ path: to }) => (to === '/v1/health' ? null : (left.shift() ?? null));
};

/** Time goes on once the operator has done what it was asked for. */
const until = (check: () => boolean, boundMs = 60_000, stepMs = 250): Promise<void> =>
  operator.until(
    async () => {
      await Promise.all(serving);
      return check();
    },
    boundMs,
    stepMs,
  );

/** What the operator has of a charge: its row, how often money moved, and whether anything was odd. */
async function booked(chargeId: ChargeId) {
  const { state, totalMinor, disputedMinor, body } = await operator.chargeRow(chargeId);
  const events = await operator.db
    .select({ kind: chargeEvent.kind })
    .from(chargeEvent)
    .where(eq(chargeEvent.chargeId, chargeId));
  const kinds = events.map(({ kind }) => kind);
  return {
    state,
    totalMinor,
    disputedMinor,
    body,
    debitCount: await operator.debitCount(chargeId),
    conflictCount: kinds.filter((kind) => kind === 'conflict').length,
  };
}
const isBooked = async (chargeId: ChargeId): Promise<boolean> => {
  const rows = await operator.db.select().from(charge).where(eq(charge.chargeId, chargeId));
  return rows.length > 0;
};
const paidOnce = { state: 'paid', totalMinor: 1300, debitCount: 1, conflictCount: 0 };

describe('each fault on the first request', () => {
  const faults: readonly (Fault | null)[] = [
    ...([null, 'refused', 'cut before', 'cut after', 'hang before', 'hang after', 'late'] as const),
    ...(['error before', 'error after', 'busy', 'garbage before', 'garbage after', 'portal'] as const),
    ...(['key refused', 'of another cabinet', 'no such path', 'too large', 'bare 404', 'bare 400'] as const),
    ...(['bare 413', 'asked to log in', 'sent elsewhere'] as const),
  ];
  test.each(faults)('%s: debited once, and both books agree', async (fault) => {
    const visit = await operator.visit();
    onlyFirst(fault);
    const cabinet = boot();
    const chargeId = cabinet.sellBody(chargeBody(visit));
    await until(() => cabinet.state(chargeId) === 'paid');
    // What is late may still arrive.
    await operator.pass(5_000);
    await Promise.all(serving);
    expect(await booked(chargeId)).toMatchObject(paidOnce);
    expect(assertOk(cabinet.store.get(chargeId))).toMatchObject({ state: 'paid', billedMinor: 1300 });
    expect(JSON.parse((await booked(chargeId)).body)).toEqual(
      JSON.parse(assertOk(cabinet.store.get(chargeId)).bodyJson ?? ''),
    );
    expect(network.breaches).toEqual([]);
    expect(auditOf(cabinet.db).kinds).toEqual([]);
    await operator.during(cabinet.die());
  });
});

describe('a report that was made before the charge left', () => {
  test.each([null, 'cut before', 'cut after', 'error after', 'late', 'garbage after'] as const)(
    '%s: nothing is debited, by the operator’s own rule',
    async (fault) => {
      const visit = await operator.visit();
      const cabinet = boot();
      network.faultOf = () => 'refused';
      const chargeId = cabinet.sellBody(chargeBody(visit));
      await until(() => !cabinet.link.isOnline());
      cabinet.dispute(Number.parseInt(visit.visitId.slice(-4), 32) || 1, chargeId, ['A1', 'B2']);
      onlyFirst(fault);
      await until(() => cabinet.state(chargeId) === 'needs_attention', 300_000);
      expect(await booked(chargeId)).toMatchObject({ disputedMinor: 1300, debitCount: 0, conflictCount: 0 });
      expect(network.breaches).toEqual([]);
      await operator.during(cabinet.die());
    },
  );
});

test('killed at every step, and the first answer is lost: debited once', async () => {
  let killedCount = 0;
  for (let at = 0; at < 200; at++) {
    const scratch = makeScratchFolder();
    path = join(scratch.path, 'kaimen.db');
    const visit = await operator.visit();
    onlyFirst('cut after');
    const killer = new Killer(at);
    const first = boot(killer.wrap);
    const chargeId = first.sellBody(chargeBody(visit));
    await until(() => killer.dead || first.state(chargeId) === 'paid');
    const wasKilled = killer.dead;
    killer.dead = true;
    first.link.stop();
    const second = boot();
    await until(() => second.state(chargeId) === 'paid');
    expect(await booked(chargeId), `step ${at}`).toMatchObject(paidOnce);
    expect(auditOf(second.db).kinds, `step ${at}`).toEqual([]);
    await operator.during(second.die());
    scratch.remove();
    if (!wasKilled) break;
    killedCount++;
  }
  expect(killedCount).toBeGreaterThan(8);
  expect(killedCount).toBeLessThan(199);
  expect(network.breaches).toEqual([]);
});

test('what the provider declines is collected later, once', async () => {
  const visit = await operator.visit();
  const cabinet = boot();
  operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
  const chargeId = cabinet.sellBody(chargeBody(visit));
  await until(() => cabinet.state(chargeId) === 'collecting');
  expect(await isBooked(chargeId)).toBe(true);
  expect(await operator.debitCount(chargeId)).toBe(0);
  operator.provider.set({ mode: 'ok', reason: 'account.insufficient_funds', delayMs: 0 });
  // In one leap to when it is asked for again: in steps the cabinet would ask hundreds of times how the charge stands.
  const { nextAttemptAtMs } = await operator.chargeRow(chargeId);
  operator.clock.skip((nextAttemptAtMs ?? 0) - operator.clock.nowMs());
  await until(() => cabinet.state(chargeId) === 'paid', 600_000, 1_000);
  expect(await booked(chargeId)).toMatchObject(paidOnce);
  await operator.during(cabinet.die());
});
