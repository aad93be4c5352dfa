import { sign } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HttpTransport } from '../../main/operator/http-transport.ts';
import { refusedAgainMs } from '../../core/charge/delivery.ts';
import { ok } from '../../shared/result.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';

let store: TestStorage;
beforeAll(async () => {
  store = await storagesUnderTest()[0]!.open();
}, openTimeoutMs);
afterAll(() => store.close());

/**
 * The bytes of a charge of 13.00 are refused, so that the operator does not have it. Support decides about it by its number,
 * with a slip of the hand: one nought too many. Then with the right amount.
 */
test('decided early with too much, a charge is sent again until it is put right', async () => {
  await store.empty();
  const operator = await OperatorHarness.make(store.storage.db);
  const scratch = makeScratchFolder();
  const { app, clock } = operator;
  const asked: string[] = [];
  const send: HttpTransport['send'] = async ({ method, url, headers, body }) => {
    const payload = body.length === 0 ? {} : { payload: body };
    const response = await app.inject({ method, url: url.pathname, headers: { ...headers }, ...payload });
    const { statusCode: status, rawPayload } = response;
    if (url.pathname.startsWith('/v1/charges/')) asked.push(`${method} ${status}`);
    return ok({ status, headers: response.headers as Record<string, string>, body: rawPayload });
  };
  const cabinet = new Cabinet({
    path: join(scratch.path, 'kaimen.db'),
    clock,
    network: { send, reset: () => undefined },
    sign: (text) => sign(null, Buffer.from(text), operator.cabinet.privateKey).toString('base64url'),
  });
  cabinet.start();
  // Made under the number that the cabinet had before.
  const chargeId = cabinet.sellBody({ ...chargeBody(await operator.visit()), cabinetId: 'CAB-OLD' });
  const decide = async (amountMinor: number) => {
    const response = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision: 'settled', amountMinor, cabinetId: 'CAB-1' },
    });
    return response?.statusCode;
  };
  /** The 6 h after which it is sent again, and a minute. */
  const sentAgain = async () => {
    clock.skip(refusedAgainMs);
    await operator.pass(60_000, 1_000);
  };
  await operator.pass(5_000, 100);
  expect(await decide(13_000)).toBe(200);
  await sentAgain();
  const slip = { ...assertOk(cabinet.store.get(chargeId)) };
  const told = [...cabinet.told];
  await sentAgain();
  expect(await decide(1300)).toBe(200);
  await sentAgain();
  const { state, reason, billedMinor, resolution } = assertOk(cabinet.store.get(chargeId));
  await operator.during(cabinet.die());
  await operator.close();
  scratch.remove();
  expect(slip).toMatchObject({ state: 'needs_attention', reason: 'system.rejected', billedMinor: null });
  expect(told).toContainEqual(expect.stringContaining('charge_billed_too_high'));
  // Answered once every 6 h, and never asked about.
  expect(asked.filter((one) => one.endsWith(' 200') || !one.startsWith('PUT'))).toEqual(
    Array(3).fill('PUT 200'),
  );
  expect({ state, reason, billedMinor }).toEqual({ state: 'paid', reason: null, billedMinor: 1300 });
  expect(resolution).toMatchObject({ how: 'settled', by: 'support' });
});
