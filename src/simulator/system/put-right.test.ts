import { sign } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eq, sql } from 'drizzle-orm';
import { mergePurchases } from '../../core/charge/purchases.ts';
import { localPurchases } from '../../main/account/local-purchases.ts';
import type { HttpTransport } from '../../main/operator/http-transport.ts';
import {
  charge,
  chargeEvent,
  chargeLine,
  debitAttempt,
  visit as visitTable,
} from '../../operator/storage/schema.ts';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { ok } from '../../shared/result.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { chargeBody, line, newVisitId } from '../../testkit/operator/cabinet.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import { embedded } from '../../testkit/operator/storages.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';

/** The cabinet's queue and the real operator: what is decided there is known here, and what is on record here is shown. */
let store: TestStorage;
let operator: OperatorHarness;
let cabinet: Cabinet;
let removeFolder: () => void;
beforeAll(async () => {
  store = await embedded.open();
  operator = await OperatorHarness.make(store.storage.db);
});
afterAll(async () => {
  await operator.close();
  await store.close();
});
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  const { app, clock } = operator;
  const send: HttpTransport['send'] = async ({ method, url, headers, body }) => {
    const payload = body.length === 0 ? {} : { payload: body };
    const response = await app.inject({ method, url: url.pathname, headers: { ...headers }, ...payload });
    const { statusCode: status, rawPayload } = response;
    return ok({ status, headers: response.headers as Record<string, string>, body: rawPayload });
  };
  const { privateKey } = operator.cabinet;
  cabinet = new Cabinet({
    path: join(scratch.path, 'kaimen.db'),
    clock,
    network: { send, reset: () => undefined },
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  });
  cabinet.start();
});
afterEach(async () => {
  await operator.during(cabinet.die());
  removeFolder();
});

/** 1300 billed, 200 held, and nothing is debited by itself. */
const readerLost = {
  review: ['recognition.reader_lost' as const],
  confirmedByShopper: false,
  heldLines: [line('C3', 200, 1)],
};

test.each([
  ['debit', 1500, 'lines_released'],
  ['debit', 1300, 'lines_dropped'],
  ['debit', 900, 'adjusted'],
  ['waive', 0, 'written_off'],
  ['settled', 700, 'settled'],
] as const)('%s of %i: %s, by support', async (decision, amountMinor, how) => {
  const chargeId = cabinet.sellBody(chargeBody(await operator.visit(), readerLost));
  await operator.until(() => Promise.resolve(cabinet.state(chargeId) === 'needs_attention'), 10_000);
  const response = await operator.operator.developmentApi?.inject({
    method: 'POST',
    url: `/dev/charges/${chargeId}/resolve`,
    payload: { by: 'anna', decision, amountMinor },
  });
  expect(response?.statusCode).toBe(200);
  await operator.until(() => Promise.resolve(cabinet.state(chargeId) === 'paid'), 3_600_000, 5_000);
  expect(assertOk(cabinet.store.get(chargeId))).toMatchObject({
    ...{ totalMinor: 1300, billedMinor: amountMinor, reason: null },
    resolution: { how, by: 'support' },
  });
  expect(await operator.debitCount(chargeId)).toBe(decision === 'debit' ? 1 : 0);
  const told = assertOk(cabinet.store.history(chargeId)).filter(({ event }) => event.type === 'resolved');
  expect(told).toHaveLength(1);
  expect(auditOf(cabinet.db).kinds).toEqual([]);
  expect(cabinet.stopped).toEqual([]);
});

/** As PurchaseHistory does. */
async function shown(memberId: string): Promise<string[]> {
  const visitId = newVisitId(operator.clock.nowMs());
  const body = { visitId, code: operator.code(memberId), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', body);
  const answer = await operator.send('POST', '/v1/purchases', { visitId });
  const { purchases } = purchasesReplySchema.parse(answer.body);
  const local = assertOk(localPurchases(cabinet.store, cabinet.disputes, memberId));
  return mergePurchases(purchases, local).map(
    ({ chargeId, state, billedMinor }) => `${chargeId} ${state} ${billedMinor}`,
  );
}

test.each([
  ['settled', 1300],
  ['waive', 0],
] as const)(
  'the bytes are refused, people decide about it (%s): it is still among my purchases',
  async (decision, amountMinor) => {
    const body = chargeBody(await operator.visit());
    // The cabinet had another number when it was made.
    const chargeId = cabinet.sellBody({ ...body, cabinetId: 'CAB-OLD' });
    await operator.pass(5_000, 100);
    expect(await shown('M1001')).toContain(`${chargeId} queued 1300`);
    const response = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision, amountMinor, cabinetId: 'CAB-1' },
    });
    expect(response?.statusCode).toBe(200);
    await operator.until(() => Promise.resolve(cabinet.state(chargeId) === 'paid'), 3_600_000, 5_000);
    expect(await shown('M1001')).toContain(`${chargeId} paid ${amountMinor}`);
  },
);

test.each(['no', 'yes'])('put back to before the purchase: %s', async (isPutBack) => {
  const visit = await operator.visit('M1002');
  const chargeId = cabinet.sellBody(chargeBody(visit));
  await operator.until(() => Promise.resolve(cabinet.state(chargeId) === 'paid'), 60_000, 100);
  expect(await operator.debitCount(chargeId)).toBe(1);
  expect(await shown('M1002')).toContain(`${chargeId} paid 1300`);
  if (isPutBack === 'yes') {
    await operator.db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('session_replication_role', 'replica', true)`);
      for (const table of [debitAttempt, chargeEvent, chargeLine, charge])
        await tx.delete(table).where(eq(table.chargeId, chargeId));
    });
    await operator.db.delete(visitTable).where(eq(visitTable.visitId, visit.visitId));
  }
  expect(await shown('M1002')).toContain(`${chargeId} paid 1300`);
});
