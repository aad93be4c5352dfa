import { afterEach, beforeEach, expect, test } from 'vitest';
import { VisitChart, type Visit } from '../../core/visit/visit.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { answerToScan } from '../../core/visit/scan-answer.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeVisitId, makeChargeId } from '../../shared/ids.ts';
import { SeededRandom } from '../../shared/random.ts';
import { ok, type Result } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { PurchaseHistory } from '../account/purchase-history.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { DisputeStore } from '../charges/dispute-store.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { DisputeDrafts } from './dispute-drafts.ts';
import { DisputeService } from './dispute-service.ts';

const chart = new VisitChart();
let visit: Visit;
let db: Database;
let remove: () => void;
let clock: FakeClock;
let answerPurchases: (reply: Result<{ purchases: [] }, never>) => void;
let history: PurchaseHistory;
let drafts: DisputeDrafts;
let service: DisputeService;
let charges: ChargeStore;

const dispatch = (event: VisitEvent): void => {
  visit = chart.step(visit, event).visit;
  history.onVisitChanged(visit);
};

beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock();
  db = mustOpen(`${scratch.path}/kaimen.db`, clock);
  charges = new ChargeStore(db, testLog(db), clock, clock);
  const disputes = new DisputeStore(db, testLog(db), clock, clock);
  drafts = new DisputeDrafts(new MetaStore(db), silentLogger);
  history = new PurchaseHistory({
    client: {
      purchases: () =>
        new Promise((resolve) => {
          answerPurchases = resolve;
        }),
    },
    ...{ charges, disputes, drafts, clock, cabinetId: 'CAB-1', pictureOf: () => '', logger: silentLogger },
    onChange: () => service.onShownChanged(),
    onActive: () => dispatch({ type: 'active' }),
  });
  service = new DisputeService({
    ...{ disputes, drafts, purchases: history, onAdded: () => undefined, clock, logger: silentLogger },
    visit: {
      get visit() {
        return visit;
      },
      dispatch,
    },
    random: new SeededRandom(1),
  });
});
afterEach(() => {
  history.close();
  db.close();
  remove();
});

/** A purchase that the operator has accepted long ago, and is not among the newest of its list any more. */
function bought() {
  const { chargeId, body } = sale(1, 500, clock.nowMs());
  const { visitId, memberId, cabinetId, currency } = body;
  assertOk(charges.open({ chargeId, visitId, memberId, memberDisplay: '王*', cabinetId, currency }));
  assertOk(charges.finalise(chargeId, body));
  assertOk(charges.markSubmitting(chargeId));
  assertOk(
    charges.recordOutcome(
      chargeId,
      { type: 'reply', state: 'paid', totalMinor: body.totalMinor, reason: null },
      null,
    ),
  );
  return { chargeId, memberId, body };
}
const enrolCode: VisitEvent = {
  type: 'codeScanned',
  code: 'KE1.x',
  visitId: makeVisitId(2, new Uint8Array(10)),
  chargeId: makeChargeId(2, new Uint8Array(10)),
};

function formOpenWhileLoading() {
  const { chargeId, memberId } = bought();
  visit = visitAt('account', { available: true, member: { memberId, display: '王*' } });
  history.onVisitChanged(visit);
  history.act({ do: 'purchases' });
  history.act({ do: 'purchase', chargeId });
  assertOk(service.fill(chargeId, []));
  assertOk(service.fill(chargeId, ['tea']));
  expect(visit.context.form).toMatchObject({ skus: ['tea'] });
  expect(history.view()).toMatchObject({ phase: 'purchase', purchase: { mayDispute: true } });
  return chargeId;
}

test('the answer of the operator does not take a half-filled report off the screen', async () => {
  formOpenWhileLoading();
  answerPurchases(ok({ purchases: [] }));
  await clock.advance(0);
  expect(history.view()).toMatchObject({ phase: 'purchase' });
});

test('who goes back to the list has no form in hand any more: a scan is taken, the draft stays', async () => {
  const chargeId = formOpenWhileLoading();
  answerPurchases(ok({ purchases: [] }));
  await clock.advance(0);
  history.act({ do: 'purchases' });
  expect(history.view()).toMatchObject({ phase: 'purchases' });
  expect(visit.context.form).toBeNull();
  expect(drafts.skusOf(chargeId)).toEqual(['tea']);
  const after = chart.step(visit, enrolCode).visit;
  expect(answerToScan(visit, after, enrolCode)?.why).not.toBe('form');
});

test('who does anything in the account is there, also with a form in hand', () => {
  formOpenWhileLoading();
  const warned = chart.step(visit, { type: 'timer', seq: visit.context.timer?.seq ?? -1 }).visit;
  expect(warned.context.form?.isWarned).toBe(true);
  expect(chart.step(warned, { type: 'active' }).visit.context).toMatchObject({
    form: { skus: ['tea'], isWarned: false },
    timer: { durationMs: 60_000 },
  });
});

test('after a report is sent, a late touch of its form opens none', () => {
  const { chargeId, memberId, body } = bought();
  visit = visitAt('receipt', {
    available: true,
    chargeId,
    member: { memberId, display: '王*' },
    bill: { lines: body.lines, heldLines: [], totalMinor: body.totalMinor, review: [] },
  });
  assertOk(service.fill(chargeId, ['tea']));
  assertOk(service.dispute(chargeId, ['tea']));
  expect(visit.context.form).toBeNull();
  service.fill(chargeId, ['tea']);
  expect(visit.context.form).toBeNull();
});
