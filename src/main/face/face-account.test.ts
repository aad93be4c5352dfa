import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { captureLimits } from '../../core/identity/face-capture.ts';
import { emptyReport, reportOf } from '../../testkit/core/faces.ts';
import { FakeClock } from '../../shared/clock.ts';
import {
  type CameraOrder,
  type FaceDataAction,
  accountViewSchema,
} from '../../shared/model/face-view.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { EnrolmentId, VisitId } from '../../shared/ids.ts';
import { makeVisitId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { cameraLimits } from './camera-session.ts';
import { type AccountMember, FaceAccount } from './face-account.ts';
import type { FaceVault } from './face-vault.ts';
import { recordsTextMaxBytes } from './records-text.ts';
import { frameOf, keepFace, must, openVault } from '../../testkit/main/face/people.ts';
import { countedRandom } from '../../testkit/counted-random.ts';

const frameMs = 100;
const dayMs = 86_400_000;
const member: AccountMember = {
  ...{ memberId: 'M5', by: 'code', display: '138****0217', phoneDigits: '0217' },
  enrolVisitId: makeVisitId(1, new Uint8Array(10)),
};
const agree: FaceDataAction = {
  ...{ do: 'agree', consentVersion: faceConsentVersion },
  ...{ agreed: true, fourteenOrOlder: true },
};

let clock: FakeClock;
let vault: FaceVault;
let removeFolder: () => void;
let [changes, actives] = [0, 0];
let account: FaceAccount;
/** What the operator was asked, and what it answers. */
let asked: [EnrolmentId, VisitId][];
let operatorSays: Promise<Result<null, OperatorFailure>>;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  [clock, changes, actives] = [new FakeClock(), 0, 0];
  [asked, operatorSays] = [[], Promise.resolve(ok(null))];
  const logger = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
  vault = openVault(scratch.path, clock, logger);
  keepFace(vault, 0, clock.nowMs());
  account = new FaceAccount({
    vault,
    clock,
    logger,
    random: countedRandom(),
    settings: { camera: null, challengeAlways: false, unusedDays: 90 },
    enrolFace: (enrolmentId, visitId) => {
      asked.push([enrolmentId, visitId]);
      return operatorSays;
    },
    onChange: () => changes++,
    onActive: () => actives++,
  });
  must(account.open(member));
});
afterEach(() => {
  vi.restoreAllMocks();
  vault.close();
  removeFolder();
});

const act = (...actions: (FaceDataAction['do'] | FaceDataAction)[]): void => {
  for (const action of actions) {
    must(account.act(typeof action === 'string' ? ({ do: action } as FaceDataAction) : action));
  }
};
const phase = (): string => accountViewSchema.parse(account.view()).phase;
function orderNow(): CameraOrder {
  const { order } = account;
  if (order === null) throw new Error(`the camera is off: ${phase()}`);
  return order;
}
const guide = (): string => {
  const view = account.view();
  return 'guide' in view ? view.guide : view.phase;
};
async function show(...reports: FaceReport[]): Promise<void> {
  for (const report of reports) {
    must(account.frame(orderNow().nonce, report));
    await clock.advance(frameMs);
  }
}
/** Five frames over three poses: what a capture needs. */
const poses = (index: number): FaceReport[] =>
  [0, 0, 0.05, 0.05, -0.05].map((yaw) => frameOf(index, 1, 0.99, yaw));
const kinds = (memberId = member.memberId): string[] =>
  must(vault.records(memberId, 1000)).newest.map(({ kind }) => kind);
async function enrol(): Promise<void> {
  act('enrol', agree);
  await show(...poses(5), frameOf(5), frameOf(5));
  expect(phase()).toBe('enrolled');
}

describe('enrolment', () => {
  test('consent, five frames over three poses, a trial like at the door, kept', async () => {
    expect(account.view()).toEqual({ phase: 'menu', face: null, recordCount: 0 });
    act('enrol');
    expect(account.view()).toEqual({ phase: 'consent', consentVersion: faceConsentVersion });
    act(agree);
    const first = orderNow();
    expect(first).toMatchObject({ purpose: 'enrol', embedder: 'fr-feature-512', camera: null });
    expect(guide()).toBe('starting');
    await show(...poses(5).slice(0, 4));
    expect(account.view()).toMatchObject({ phase: 'capture', takenCount: 4, wantedCount: 5 });
    await show(...poses(5).slice(4));
    expect(phase()).toBe('trial');
    const second = orderNow();
    expect(second.purpose).toBe('identify');
    expect(account.frame(first.nonce, frameOf(5))).toMatchObject({ error: { code: 'stale' } });
    // Until the trial is over there is nothing of it in the vault.
    expect(must(vault.info('M5'))).toBeNull();
    await show(frameOf(5), frameOf(5));
    expect(account.view()).toEqual({ phase: 'enrolled' });
    expect(kinds()).toEqual(['enrolled', 'consented']);
    expect(must(vault.records('M5', 9)).newest[1]).toMatchObject({ consentVersion: faceConsentVersion });
    expect(vault.digitsAre('M5', '0217')).toBe(true);
    const enrolledAtMs = clock.nowMs() - frameMs;
    act('menu');
    expect(account.view()).toEqual({
      phase: 'menu',
      face: {
        ...{ enrolledAtMs, lastUsedAtMs: null, consentVersion: faceConsentVersion },
        expiresAtMs: enrolledAtMs + 90 * dayMs,
      },
      recordCount: 2,
    });
  });

  test('not without an enrolment code: it says so before it asks for anything', () => {
    must(account.open({ ...member, enrolVisitId: null }));
    act('enrol');
    expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'needs_code' });
    expect(kinds()).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('the operator is asked for the visit of the code, and the face is kept under that number', async () => {
    await enrol();
    const enrolmentId = vault.enrolmentOf('M5');
    expect(asked).toEqual([[enrolmentId, member.enrolVisitId]]);
    expect(must(vault.withdrawals.nextDueMs())).toBeNull();
  });

  test.each([
    ['network.unreachable', 'offline'],
    ['network.timeout', 'offline'],
    ['operator.unavailable', 'offline'],
    ['operator.not_served', 'offline'],
    ['operator.unauthenticated', 'refused'],
    ['operator.conflict', 'refused'],
  ] as const)(
    'the operator says %s: nothing is kept, in its own words, and it is told so',
    async (code, why) => {
      operatorSays = Promise.resolve(fail(code, ''));
      act('enrol', agree);
      await show(...poses(5), frameOf(5), frameOf(5));
      expect(account.view()).toEqual({ phase: 'enrol_ended', why });
      expect(must(vault.info('M5'))).toBeNull();
      const waiting = must(vault.withdrawals.next(clock.nowMs()));
      expect(waiting).toMatchObject({ memberId: 'M5', enrolmentId: asked[0]?.[0] });
    },
  );

  test('who leaves while the operator is asked leaves nothing', async () => {
    let answer: (says: Result<null, OperatorFailure>) => void = () => undefined;
    operatorSays = new Promise((resolve) => {
      answer = resolve;
    });
    act('enrol', agree);
    await show(...poses(5), frameOf(5), frameOf(5));
    expect(account.view()).toEqual({ phase: 'trial', guide: 'hold' });
    expect(account.order).toBeNull();
    account.close();
    answer(ok(null));
    await clock.advance(1);
    expect(must(vault.info('M5'))).toBeNull();
    expect(must(vault.withdrawals.next(clock.nowMs()))).toMatchObject({ memberId: 'M5' });
  });

  test('only with consent to the text in force, and only after it was shown', () => {
    expect(account.act(agree)).toMatchObject({ error: { code: 'stale' } });
    act('enrol');
    expect(account.act({ ...agree, consentVersion: '2020-01-01' })).toMatchObject({
      error: { code: 'bad_request' },
    });
    expect(phase()).toBe('consent');
    expect(kinds()).toEqual([]);
  });

  test('says what to do: turn a little after three frames of one pose, stay, or what is wrong', async () => {
    act('enrol', agree);
    await show(frameOf(5));
    expect(guide()).toBe('hold');
    await show(frameOf(5), frameOf(5));
    expect(guide()).toBe('turn_a_little');
    await show(frameOf(5), frameOf(5));
    expect(account.view()).toMatchObject({ takenCount: 3, guide: 'turn_a_little' });
    await show(reportOf({}, 0, ['turned_away']));
    expect(guide()).toBe('turned_away');
    await show(frameOf(5, 1, 0.7, 0.1));
    expect(account.view()).toMatchObject({ takenCount: 3, guide: 'hold' });
    await show(frameOf(5, 1, 0.99, 0.1));
    expect(account.view()).toMatchObject({ takenCount: 4, guide: 'hold' });
  });

  test.each<[string, FaceReport[], string]>([
    ['a picture', [frameOf(5, 1, 0.1), frameOf(5, 1, 0.1)], 'not_alive'],
    ['somebody who is enrolled', poses(0), 'already_enrolled'],
    ['two people', [...poses(5).slice(0, 4), frameOf(6, 1, 0.99, -0.05)], 'not_one_person'],
    ['another one at the trial', [...poses(5), frameOf(0), frameOf(0)], 'trial_failed'],
    ['a stranger at the trial', [...poses(5), ...new Array<FaceReport>(6).fill(frameOf(9))], 'trial_failed'],
    ['a picture at the trial', [...poses(5), frameOf(5, 1, 0.1), frameOf(5, 1, 0.1)], 'not_alive'],
    ['nobody at the trial', [...poses(5), ...new Array<FaceReport>(31).fill(emptyReport)], 'trial_failed'],
  ])('%s: not kept', async (_, reports, why) => {
    act('enrol', agree);
    await show(...reports);
    expect(account.view()).toEqual({ phase: 'enrol_ended', why });
    expect(must(vault.info('M5'))).toBeNull();
    expect(vault.gallery()).toHaveLength(1);
    expect(kinds()).toEqual(['consented']);
    // And once more, from the consent on.
    act('enrol');
    expect(phase()).toBe('consent');
  });

  test.each([
    [2, 'enrol_ended'],
    [3, 'trial'],
  ])('30 s with %i frames: %s', async (count, next) => {
    act('enrol', agree);
    await show(...[0, 0.05, -0.05].slice(0, count).map((yaw) => frameOf(5, 1, 0.99, yaw)));
    for (let ms = 0; ms < captureLimits.budgetMs && phase() === 'capture'; ms += frameMs)
      await show(emptyReport);
    expect(phase()).toBe(next);
    if (count === 2) expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'time' });
  });

  test('trouble with the camera, in the capture and in the trial', async () => {
    act('enrol', agree);
    must(account.camera(orderNow().nonce, 'denied'));
    expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'denied' });
    act('enrol', agree);
    await show(...poses(5));
    await clock.advance(cameraLimits.startMs + cameraLimits.tickMs);
    expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'busy' });
    expect(must(vault.info('M5'))).toBeNull();
  });

  test('a vault that does not take it', async () => {
    act('enrol', agree);
    await show(...poses(5));
    vi.spyOn(vault, 'put').mockReturnValue(fail('storage.io', 'disk full'));
    await show(frameOf(5), frameOf(5));
    expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'failed' });
  });

  test('a full cabinet says so before it asks for anything, and lets in who is there already', async () => {
    await enrol();
    vi.spyOn(vault, 'enrolledCount').mockReturnValue(ok(100_000));
    act('menu', 'enrol');
    expect(phase()).toBe('consent');
    must(account.open({ ...member, memberId: 'M6' }));
    act('enrol');
    expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'full' });
    expect(account.act(agree)).toMatchObject({ error: { code: 'stale' } });
    expect(kinds('M6')).toEqual([]);
  });

  test('a cabinet that got full meanwhile says so too', async () => {
    act('enrol', agree);
    await show(...poses(5));
    vi.spyOn(vault, 'put').mockReturnValue(fail('vault.full', 'no more people'));
    await show(frameOf(5), frameOf(5));
    expect(account.view()).toEqual({ phase: 'enrol_ended', why: 'full' });
  });

  test('not for who was identified by face alone', () => {
    must(account.open({ memberId: 'M0', by: 'face', display: '', phoneDigits: null }));
    expect(account.act({ do: 'enrol' })).toMatchObject({ error: { code: 'stale' } });
    expect(account.act(agree)).toMatchObject({ error: { code: 'stale' } });
    act('withdraw', 'confirmWithdraw', 'menu');
    expect(account.view()).toMatchObject({ phase: 'menu', face: null });
    expect(account.act({ do: 'enrol' })).toMatchObject({ error: { code: 'stale' } });
    expect(kinds('M0')).toEqual(['withdrawn', 'enrolled']);
  });

  test('anew: the old face stays until the new one has been tried', async () => {
    await enrol();
    act('menu', 'enrol', agree);
    await show(...poses(6), frameOf(9), frameOf(9), frameOf(9));
    act('menu');
    expect(vault.gallery().find(({ memberId }) => memberId === 'M5')?.centroid[5]).toBeCloseTo(1);
    act('enrol', agree);
    await show(...poses(6), frameOf(6), frameOf(6));
    expect(vault.gallery().find(({ memberId }) => memberId === 'M5')?.centroid[6]).toBeCloseTo(1);
    expect(vault.gallery()).toHaveLength(2);
  });

  test('left in the middle: nothing is kept, and late frames are stale', async () => {
    act('enrol', agree);
    await show(...poses(5));
    const { nonce } = orderNow();
    account.close();
    expect(account.frame(nonce, frameOf(5))).toMatchObject({ error: { code: 'stale' } });
    expect(account.act({ do: 'menu' })).toMatchObject({ error: { code: 'stale' } });
    expect(must(vault.info('M5'))).toBeNull();
    must(account.open({ ...member, memberId: 'M6' }));
    expect(account.view()).toEqual({ phase: 'menu', face: null, recordCount: 0 });
  });
});

describe('deletion', () => {
  test('asks once, then at once', async () => {
    await enrol();
    act('menu', 'withdraw');
    expect(account.view()).toEqual({ phase: 'withdraw' });
    expect(must(vault.info('M5'))).not.toBeNull();
    act('confirmWithdraw');
    expect(account.view()).toEqual({ phase: 'withdrawn' });
    expect(must(vault.info('M5'))).toBeNull();
    expect(kinds()).toEqual(['withdrawn', 'enrolled', 'consented']);
    act('menu');
    expect(account.view()).toMatchObject({ face: null, recordCount: 3 });
    expect(account.act({ do: 'withdraw' })).toMatchObject({ error: { code: 'stale' } });
  });

  test('is not done without the question', async () => {
    await enrol();
    act('menu');
    expect(account.act({ do: 'confirmWithdraw' })).toMatchObject({ error: { code: 'stale' } });
    expect(must(vault.info('M5'))).not.toBeNull();
  });

  test('that the database did not do says so, and can be tried again', async () => {
    await enrol();
    act('menu', 'withdraw');
    vi.spyOn(vault, 'withdraw').mockReturnValueOnce(fail('storage.io', 'disk full'));
    act('confirmWithdraw');
    expect(account.view()).toEqual({ phase: 'withdraw_failed' });
    act('confirmWithdraw');
    expect(account.view()).toEqual({ phase: 'withdrawn' });
  });
});

describe('records', () => {
  test('newest first, and looking at them is one', async () => {
    await enrol();
    act('menu', 'records');
    const view = account.view();
    if (view.phase !== 'records') throw new Error(view.phase);
    expect(view.records.map(({ kind }) => kind)).toEqual(['exported', 'enrolled', 'consented']);
    expect(view).toMatchObject({ count: 3, textCount: 3 });
    expect(view.text).toBe(
      [
        'Kaimen face data: 138****0217',
        '2026-01-01T00:00:00Z exported',
        '2026-01-01T00:00:00Z enrolled',
        `2026-01-01T00:00:00Z consented ${faceConsentVersion}`,
      ].join('\n'),
    );
  });

  test('by face: the same, without a name that nobody has told', () => {
    must(account.open({ memberId: 'M0', by: 'face', display: '', phoneDigits: null }));
    act('records');
    expect(account.view()).toMatchObject({
      phase: 'records',
      text: 'Kaimen face data\n2026-01-01T00:00:00Z exported\n2026-01-01T00:00:00Z enrolled',
    });
  });

  test('a long one fits the QR, and says how much is left out', () => {
    for (let i = 0; i < 300; i++) must(vault.touch('M0', clock.nowMs()));
    must(account.open({ memberId: 'M0', by: 'code', display: '王*', phoneDigits: null }));
    act('records');
    const view = account.view();
    if (view.phase !== 'records') throw new Error(view.phase);
    const bytes = Buffer.byteLength(view.text);
    expect(bytes).toBeLessThanOrEqual(recordsTextMaxBytes);
    expect(bytes).toBeGreaterThan(recordsTextMaxBytes - 40);
    const lines = view.text.split('\n');
    expect(lines.at(-1)).toBe(`+${302 - (lines.length - 2)}`);
    expect(view.records).toHaveLength(100);
    expect(view).toMatchObject({ count: 302, textCount: lines.length - 2 });
  });
});

test('a vault that cannot be read: the screen stays closed, and says so', () => {
  vault.close();
  expect(account.open(member)).toMatchObject({ ok: false, error: { code: 'storage.io' } });
  expect(account.act({ do: 'enrol' })).toMatchObject({ error: { code: 'stale' } });
});

test('who does something counts as active, a face before the camera once a second', async () => {
  act('enrol', agree);
  const before = actives;
  expect(before).toBe(2);
  await show(...new Array<FaceReport>(30).fill(frameOf(5)));
  expect(actives - before).toBeGreaterThanOrEqual(2);
  expect(actives - before).toBeLessThanOrEqual(4);
  const still = actives;
  await show(...new Array<FaceReport>(30).fill(emptyReport));
  expect(actives).toBe(still);
});
