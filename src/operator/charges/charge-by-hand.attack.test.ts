import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { serveCatalog } from '../fleet/catalog.ts';
import { recordPrices } from '../fleet/catalog-prices.ts';
import { defaultPolicy, visitSilentMs } from '../limits.ts';
import { incident } from '../storage/schema.ts';
import { holdAfterPutBack } from '../storage/put-back.ts';
import { makeChargeByHand } from './charge-by-hand.ts';

const [first, second, third] = sampleCatalog.products;
assert(first !== undefined && second !== undefined && third !== undefined, 'the test catalogue has goods');
const minorByHand = 2 * first.priceMinor + second.priceMinor;
const lines = [line(first.sku, first.priceMinor, 2), line(second.sku, second.priceMinor, 1)];

const catalog = serveCatalog(sampleCatalog, 'test');
assert(catalog.ok, 'the test catalogue is right');
const hourMs = 3_600_000;

onStorage('a charge by hand, and what its cabinet says later', (harness) => {
  const madeByHand = async (): Promise<Visit> => {
    const operator = harness();
    const { db, clock } = operator;
    operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
    await recordPrices(db, clock, { ...sampleCatalog, currency: 'CNY' });
    await operator.pass(1_000);
    const nowMs = clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const answer = await operator.send('POST', '/v1/visits/authorise', { ...ids, code: operator.code() });
    expect(answer.body).toMatchObject({ decision: 'allowed' });
    clock.jumpWall(visitSilentMs);
    const goods = [
      { sku: first.sku, count: 2 },
      { sku: second.sku, count: 1 },
    ];
    const request = { cabinetId: 'CAB-1', visitId: ids.visitId, goods, by: 'anna', reason: 'she called' };
    const made = await operator.during(
      db.transaction((tx) =>
        makeChargeByHand({ db: tx, clock, policy: defaultPolicy, catalog: catalog.value }, request),
      ),
    );
    assert(made.ok, made.ok ? '' : made.error.message);
    await operator.untilState(ids.chargeId, 'collecting', hourMs);
    return { ...ids, cabinetId: 'CAB-1', memberId: 'M1001' };
  };
  const put = (visit: Visit, change = {}) =>
    harness().during(
      harness().send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, { lines, ...change })),
    );

  it('a report of goods that people have not charged, too, counts for those that they have', async () => {
    const operator = harness();
    const visit = await madeByHand();
    const { chargeId } = visit;
    const nowMs = operator.clock.nowMs();
    const report = async (of: string, skus: readonly string[]) => {
      const disputeId = makeDisputeId(nowMs, systemRandom.bytes(idRandomByteCount));
      const path = `/v1/charges/${of}/disputes`;
      return operator.during(operator.send('POST', path, { disputeId, skus, atMs: nowMs }));
    };
    const left = { status: 200, body: { charge: { totalMinor: minorByHand - second.priceMinor } } };
    expect(await report(chargeId, [second.sku, third.sku])).toMatchObject(left);
    expect(await report(chargeId, [third.sku])).toMatchObject(left);
    // Of one that its cabinet has sent there is no such doubt.
    const own = await operator.visit('M1002');
    await put(own);
    expect((await report(own.chargeId, [third.sku])).status).toBe(400);
  });

  it('after the database was put back it is waited for no more once its cabinet has sent its own', async () => {
    const operator = harness();
    const { db, clock } = operator;
    const visit = await madeByHand();
    const storage = { db, kind: 'pglite' } as const;
    const held = holdAfterPutBack({ storage, clock, logger: silentLogger, isSaid: true });
    expect(await operator.during(held)).toBe(1);
    operator.provider.set({ mode: 'ok', reason: 'account.insufficient_funds', delayMs: 0 });
    expect(await put(visit)).toMatchObject({ status: 200, body: { totalMinor: minorByHand } });
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    expect(await operator.incidentKinds()).toEqual([]);
  });

  it.each([
    ['in another currency', { currency: 'USD' as const }],
    ['of another visit', { visitId: newVisitId(7) }],
  ])('the same goods %s are not the same', async (_name, change) => {
    const visit = await madeByHand();
    expect(await put(visit, change)).toMatchObject({ status: 200, body: { totalMinor: minorByHand } });
    expect(await harness().db.select().from(incident)).toMatchObject([{ kind: 'by_hand_differs' }]);
  });
});
