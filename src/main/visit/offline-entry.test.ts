import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Undelivered, Unsettled } from '../../core/identity/offline-admission.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeEnrolmentId, makeVisitId } from '../../shared/ids.ts';
import { type Catalog, catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { minor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { codeOf, digestOf, policyOf } from '../../testkit/main/operator/offline-policy.ts';
import { makePair } from '../../testkit/main/operator/signed-answers.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from '../storage/database.ts';
import { OfflineStore } from '../storage/offline-store.ts';
import { OfflineEntry, type OfflineEntryOptions, offlineCodeSkewMs } from './offline-entry.ts';

const enrolmentId = makeEnrolmentId(1, new Uint8Array(10));
const full = policyOf({ faces: [enrolmentId] });
const catalog = catalogSchema.parse({
  version: '1',
  currency: 'CNY',
  products: [
    { sku: 'tea', name: { zh: '茶', en: 'Tea' }, priceMinor: 500, weightG: 500, picture: 'tea' },
    { sku: 'rice', name: { zh: '饭团', en: 'Rice' }, priceMinor: 1_300, weightG: 100, picture: 'rice' },
  ],
  tags: [],
});

let db: Database;
let store: OfflineStore;
let clock: FakeClock;
let nowMs: number | null;
let policy: OfflinePolicy | null;
let offered: Catalog | null;
let undelivered: Undelivered;
let owed: Unsettled;
let told: string[];
let removeFolder: () => void;
let path: string;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  db = mustOpen(path);
  store = new OfflineStore(db);
  clock = new FakeClock();
  nowMs = full.issuedAtMs + 1_000;
  policy = full;
  offered = catalog;
  undelivered = { count: 0, sumMinor: 0, oldestMs: null };
  owed = { count: 0, sumMinor: 0 };
  told = [];
});
afterEach(() => {
  db.close();
  removeFolder();
});
const make = (over: Partial<OfflineEntryOptions> = {}) =>
  new OfflineEntry({
    store,
    policy: () => policy,
    undelivered: () => ok(undelivered),
    owedBy: () => ok(owed),
    catalog: () => offered,
    sureNowMs: () => nowMs,
    isCutOff: () => true,
    clock,
    tellStaff: (detail) => told.push(detail),
    logger: silentLogger,
    ...over,
  });

const visitOf = (n: number) => makeVisitId(n, new Uint8Array(10));
const atMs = full.issuedAtMs + 1_000;
const byCode = (code: string, visit = 1): AuthoriseRequest => ({
  visitId: visitOf(visit),
  code,
  purpose: 'visit',
});
const byFace = (faceOf = 'M1001', id: typeof enrolmentId | undefined = enrolmentId): AuthoriseRequest => ({
  visitId: visitOf(1),
  faceOf,
  enrolmentId: id,
});
const fresh = (memberId = 'M1001') => codeOf(memberId, atMs + 50_000);
const refused = (reason: ReasonCode): AuthoriseReply => ({ decision: 'refused', reason });
const allowed = (memberId: string): AuthoriseReply => ({
  decision: 'allowed',
  member: { memberId, display: '王*' },
  visitMaxMinor: minor(20_000),
  phoneDigits: null,
});

describe('let in', () => {
  test('by code: with the proof that the operator will judge by, and what the visit may cost', () => {
    const code = fresh();
    expect(make().admit(byCode(code))).toEqual({
      member: { memberId: 'M1001', display: '王*' },
      maxMinor: 3_000,
      admission: { by: 'code', code, policyVersion: 1, atMs },
    });
  });

  test('one whose name was never told here: without a name', () => {
    expect(make().admit(byCode(fresh('M1002')))).toMatchObject({
      member: { memberId: 'M1002', display: '' },
    });
  });

  test('by a face that stands on the operator’s list', () => {
    expect(make().admit(byFace())).toEqual({
      member: { memberId: 'M1001', display: '王*' },
      maxMinor: 3_000,
      admission: { by: 'face', enrolmentId, policyVersion: 1, atMs },
    });
  });

  test('a code is used up on the disk before the yes: another visit with it is none, over a restart, too', () => {
    const code = fresh();
    expect(make().admit(byCode(code))).toHaveProperty('member');
    db.close();
    db = mustOpen(path);
    store = new OfflineStore(db);
    expect(make().admit(byCode(code, 2))).toEqual({ reason: 'account.code_replayed' });
    // The same visit may ask again.
    expect(make().admit(byCode(code))).toHaveProperty('member');
  });

  test('a code that cannot be put on record lets nobody in', () => {
    const entry = make({
      store: Object.assign(new OfflineStore(db), { useCode: () => fail('storage.io', 'x') }),
    });
    expect(entry.admit(byCode(fresh()))).toEqual({ reason: 'system.storage_fault' });
  });

  test('a disk that takes too long lets nobody in: somebody else may stand there', () => {
    const monotonicMs = clock.monotonicMs();
    let blockedMs = 0;
    const slow = Object.assign(new OfflineStore(db), {
      useCode: () => {
        blockedMs = visitLimits.entryLateMs + 1;
        return ok();
      },
    });
    const slowClock = Object.assign(new FakeClock(), { monotonicMs: () => monotonicMs + blockedMs });
    const entry = make({ store: slow, clock: slowClock });
    expect(entry.admit(byCode(fresh()))).toEqual({ reason: 'system.storage_fault' });
  });
});

describe('not let in', () => {
  test.each<[string, () => AuthoriseRequest, (() => void)?]>([
    ['network.offline_time_unknown', () => byCode(fresh()), () => (nowMs = null)],
    ['network.offline_no_policy', () => byCode(fresh()), () => (policy = null)],
    ['network.offline_no_policy', () => byCode(fresh()), () => (nowMs = full.expiresAtMs)],
    ['network.offline_no_policy', () => byCode(fresh()), () => (offered = { ...catalog, currency: 'EUR' })],
    ['network.offline_cabinet_cap', () => byFace(), () => (undelivered = { ...undelivered, count: 200 })],
    ['network.offline_face_list_old', () => byFace(), () => (nowMs = atMs + 24 * 3_600_000)],
    ['account.code_unknown', () => byCode(codeOf('M1001', atMs + 50_000, makePair()))],
    ['account.code_unknown', () => byCode(`${fresh().slice(0, -1)}B`)],
    ['account.code_malformed', () => byCode('KM1.nothing')],
    ['account.code_expired', () => byCode(codeOf('M1001', atMs - offlineCodeSkewMs - 1_000))],
    ['account.code_expired', () => byCode(codeOf('M1001', atMs + 61_000 + offlineCodeSkewMs))],
    ['account.offline_unverified', () => byCode(fresh('M9999'))],
    [
      'account.offline_denied',
      () => byCode(fresh('M1002')),
      () => (policy = policyOf({ denied: [digestOf('M1002')] })),
    ],
    ['account.offline_denied', () => byFace(), () => unwrap(store.deny('M1001', atMs))],
    ['account.offline_member_cap', () => byCode(fresh()), () => (owed = { count: 2, sumMinor: 5 })],
    ['account.offline_member_cap', () => byFace(), () => (owed = { count: 1, sumMinor: 4_701 })],
    ['account.face_not_enrolled', () => byFace('M1001', makeEnrolmentId(2, new Uint8Array(10)))],
    ['account.face_not_enrolled', () => ({ visitId: visitOf(1), faceOf: 'M1001' })],
    ['network.unreachable', () => ({ visitId: visitOf(1), code: fresh(), purpose: 'account' })],
  ])('%s, %#', (reason, request, arrange) => {
    arrange?.();
    expect(make().admit(request())).toEqual({ reason });
  });

  test('a code that was refused is not used up', () => {
    const code = fresh();
    owed = { count: 2, sumMinor: 5 };
    make().admit(byCode(code));
    owed = { count: 0, sumMinor: 0 };
    expect(make().admit(byCode(code, 2))).toHaveProperty('member');
  });

  test('an enrolment code opens no door', () => {
    expect(make().admit(byCode(fresh().replace('KM1', 'KE1')))).toEqual({ reason: 'account.code_unknown' });
  });

  test.each(['undelivered', 'owedBy'] as const)('while the record cannot be read (%s), nobody', (what) => {
    const entry = make({ [what]: () => fail('storage.io', 'x') });
    expect(entry.admit(byFace())).toEqual({ reason: 'system.storage_fault' });
  });
});

describe('what the operator has said before counts', () => {
  test('a no stays a no, until a yes', () => {
    const entry = make();
    entry.heard(byFace('M1001'), refused('account.unpaid_charges'));
    entry.heard(byCode(fresh('M1002')), refused('account.suspended'));
    expect(entry.admit(byCode(fresh()))).toEqual({ reason: 'account.offline_denied' });
    expect(entry.admit(byCode(fresh('M1002')))).toEqual({ reason: 'account.offline_denied' });
    entry.heard(byCode(fresh()), allowed('M1001'));
    expect(entry.admit(byCode(fresh()))).toHaveProperty('member');
  });

  test.each(['account.code_expired', 'account.face_not_enrolled', 'system.rejected'] as const)(
    '%s says nothing of the member',
    (reason) => {
      const entry = make();
      entry.heard(byFace(), refused(reason));
      expect(entry.admit(byCode(fresh()))).toHaveProperty('member');
    },
  );

  test('a code that has opened the door with the operator’s yes opens it once', () => {
    const code = fresh();
    const entry = make();
    entry.heard(byCode(code), allowed('M1001'));
    expect(entry.admit(byCode(code, 2))).toEqual({ reason: 'account.code_replayed' });
  });

  test('without a policy, and for "my data", nothing is kept of the member', () => {
    const entry = make();
    entry.heard({ visitId: visitOf(1), code: fresh(), purpose: 'account' }, refused('account.suspended'));
    policy = null;
    entry.heard(byCode(fresh()), refused('account.suspended'));
    policy = full;
    expect(entry.admit(byCode(fresh()))).toHaveProperty('member');
  });

  test.each<[string, () => void, () => void]>([
    ['for "my data"', () => undefined, () => undefined],
    ['without a policy', () => (policy = null), () => (policy = full)],
    ['before the operator’s time is known', () => (nowMs = null), () => (nowMs = atMs)],
  ])(
    'a code that was answered %s is used up: it opens no door afterwards, over a restart, too',
    (_, before, then) => {
      const code = fresh();
      before();
      make().heard({ visitId: visitOf(1), code, purpose: 'account' }, allowed('M1001'));
      then();
      expect(make().admit(byCode(code, 2))).toEqual({ reason: 'account.code_replayed' });
      expect([make().isUsedUp(byCode(code, 1)), make().isUsedUp(byCode(code, 2))]).toEqual([
        ok(false),
        ok(true),
      ]);
    },
  );

  test('a code that the operator knows from elsewhere is used up; one that is none takes no place', () => {
    const [code, forged] = [fresh(), fresh()];
    const entry = make();
    entry.heard(byCode(code), refused('account.code_replayed'));
    entry.heard(byCode(forged), refused('account.code_unknown'));
    expect(make().admit(byCode(code, 2))).toEqual({ reason: 'account.code_replayed' });
    expect(make().isUsedUp(byCode(forged, 2))).toEqual(ok(false));
  });

  test('a question that is out, or got no answer: the operator may be asked again, alone another visit is none', () => {
    const code = fresh();
    const entry = make();
    entry.asking(byCode(code));
    entry.asking(byCode(code, 2));
    entry.notAsked(byCode(code, 2));
    expect(entry.isUsedUp(byCode(code, 2))).toEqual(ok(false));
    expect(entry.admit(byCode(code, 2))).toEqual({ reason: 'account.code_replayed' });
    expect(entry.admit(byCode(code))).toHaveProperty('member');
    expect([entry.isUsedUp(byCode(code, 2)), entry.isUsedUp(byFace())]).toEqual([ok(true), ok(false)]);
  });

  test('a question that has not left uses up nothing', () => {
    const code = fresh();
    const entry = make();
    entry.asking(byCode(code));
    entry.notAsked(byCode(code));
    expect(entry.admit(byCode(code, 2))).toHaveProperty('member');
  });
});

describe('whether it opens at all', () => {
  test('told when it changes by itself: a policy ends, a bill becomes too old; staff hears of it once', async () => {
    const entry = make();
    const blocks: (string | null)[] = [];
    entry.onChange(() => blocks.push(entry.block));
    entry.start();
    await clock.advance(10_000);
    undelivered = { count: 3, sumMinor: 4_200, oldestMs: atMs };
    nowMs = atMs + 24 * 3_600_000 + 1;
    await clock.advance(10_000);
    undelivered = { count: 0, sumMinor: 0, oldestMs: null };
    await clock.advance(10_000);
    nowMs = full.expiresAtMs;
    await clock.advance(10_000);
    entry.stop();
    policy = null;
    await clock.advance(10_000);
    expect(blocks).toEqual(['network.offline_cabinet_cap', null, 'network.offline_no_policy']);
    expect(told).toEqual(['offline_cabinet_cap: 3 bills, 4200 minor units, oldest 1440 min']);
  });

  test('what cannot be read could not be capped', () => {
    expect(make({ undelivered: () => fail('storage.io', 'x') }).block).toBe('network.offline_cabinet_cap');
  });
});
