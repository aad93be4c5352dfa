import { beforeEach, describe, expect, test } from 'vitest';
import { type Visit, VisitChart } from '../../core/visit/visit.ts';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import { type VisitId, makeEnrolmentId, makeVisitId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import type { StorageFailure } from '../storage/database.ts';
import { Authoriser, type AuthoriserOffline } from './authoriser.ts';

const member = { memberId: 'M1', display: '王*' };
const [first, second] = [makeVisitId(1, new Uint8Array(10)), makeVisitId(2, new Uint8Array(10))];
const request = (visitId: VisitId) => ({ visitId, code: 'KM1.x', purpose: 'account' }) as const;
const allowed: AuthoriseReply = {
  decision: 'allowed',
  member,
  visitMaxMinor: minor(10_000),
  phoneDigits: '0217',
};

let reply: Promise<Result<AuthoriseReply, OperatorFailure>>;
let authoriser: Authoriser;
const visitOf = (visitId: VisitId | null): Visit => {
  const visit = new VisitChart().start();
  return { ...visit, context: { ...visit.context, visitId } };
};

beforeEach(() => {
  reply = Promise.resolve(ok(allowed));
  authoriser = new Authoriser({ authorise: () => reply });
  authoriser.onVisitChanged(visitOf(first));
});

test('whoever is let in: the member for the visit, the digits for this visit only', async () => {
  expect(await authoriser.authorise(request(first))).toEqual({ member, maxMinor: 10_000 });
  expect(authoriser.phoneDigitsOf(first)).toBe('0217');
  expect(authoriser.phoneDigitsOf(second)).toBeNull();
});

test('the digits are forgotten with the visit', async () => {
  await authoriser.authorise(request(first));
  authoriser.onVisitChanged(visitOf(first));
  expect(authoriser.phoneDigitsOf(first)).toBe('0217');
  authoriser.onVisitChanged(visitOf(null));
  expect(authoriser.phoneDigitsOf(first)).toBeNull();
});

test('a reply that comes after its visit has ended leaves nothing behind', async () => {
  let answer = (_: Result<AuthoriseReply, OperatorFailure>): void => undefined;
  reply = new Promise((resolve) => {
    answer = resolve;
  });
  const asked = authoriser.authorise(request(first));
  authoriser.onVisitChanged(visitOf(second));
  answer(ok(allowed));
  expect(await asked).toEqual({ member, maxMinor: 10_000 });
  expect(authoriser.phoneDigitsOf(first)).toBeNull();
});

test.each<[Result<AuthoriseReply, OperatorFailure>, string]>([
  [ok({ decision: 'refused', reason: 'account.suspended' }), 'account.suspended'],
  [fail('network.unreachable', 'x'), 'network.unreachable'],
  [fail('network.timeout', 'x'), 'network.timeout'],
  [fail('operator.garbage', 'x'), 'system.operator_error'],
  [fail('operator.unauthenticated', 'x'), 'system.operator_error'],
])('%j: the shopper reads %s', async (answer, reason) => {
  reply = Promise.resolve(answer);
  expect(await authoriser.authorise(request(first))).toEqual({ reason });
  expect(authoriser.phoneDigitsOf(first)).toBeNull();
});

test('an enrolment code that was shown counts for this visit only', async () => {
  reply = Promise.resolve(ok({ ...allowed, mayEnrol: true }));
  await authoriser.authorise(request(first));
  expect(authoriser.mayEnrolIn(first)).toBe(true);
  expect(authoriser.mayEnrolIn(second)).toBe(false);
  authoriser.onVisitChanged(visitOf(null));
  expect(authoriser.mayEnrolIn(first)).toBe(false);
});

test('a face names its enrolment, and is forgotten when the operator knows of none', async () => {
  const enrolmentId = makeEnrolmentId(1, new Uint8Array(10));
  const asked: AuthoriseRequest[] = [];
  const forgotten: string[] = [];
  const client = {
    authorise: (one: AuthoriseRequest) => {
      asked.push(one);
      return reply;
    },
  };
  authoriser = new Authoriser(client, {
    enrolmentOf: (memberId) => (memberId === 'M1' ? enrolmentId : null),
    forget: (memberId) => forgotten.push(memberId),
  });
  await authoriser.authorise({ visitId: first, faceOf: 'M1' });
  await authoriser.authorise({ visitId: first, faceOf: 'M2' });
  expect(asked).toEqual([
    { visitId: first, faceOf: 'M1', enrolmentId },
    { visitId: first, faceOf: 'M2' },
  ]);
  for (const reason of ['account.suspended', 'account.face_not_enrolled'] as const) {
    reply = Promise.resolve(ok({ decision: 'refused', reason }));
    expect(await authoriser.authorise({ visitId: first, faceOf: 'M1' })).toEqual({ reason });
  }
  expect(forgotten).toEqual(['M1']);
});

describe('while nobody who is known to be the operator answers', () => {
  const own = {
    member: { memberId: 'M1', display: '' },
    maxMinor: minor(3_000),
    admission: { by: 'code', code: 'KM1.x', policyVersion: 1, atMs: 1 },
  } as const;
  const enrolmentId = makeEnrolmentId(1, new Uint8Array(10));
  let isCutOff: boolean;
  let asked: number;
  let judged: AuthoriseRequest[];
  let heard: AuthoriseReply[];
  let told: string[];
  let usedUp: Result<boolean, StorageFailure>;
  const make = (over: Partial<AuthoriserOffline> = {}) => {
    const client = {
      authorise: () => {
        asked++;
        return reply;
      },
    };
    const faces = { enrolmentOf: () => enrolmentId, forget: () => undefined };
    authoriser = new Authoriser(client, faces, {
      get isCutOff() {
        return isCutOff;
      },
      hasPolicy: true,
      admit: (one) => {
        judged.push(one);
        return own;
      },
      heard: (_, said) => heard.push(said),
      asking: () => told.push(`asking, asked ${asked}`),
      notAsked: () => told.push('not asked'),
      isUsedUp: () => usedUp,
      ...over,
    });
    authoriser.onVisitChanged(visitOf(first));
    return authoriser;
  };
  const forDoor = { visitId: first, code: 'KM1.x', purpose: 'visit' } as const;
  beforeEach(() => {
    isCutOff = false;
    asked = 0;
    judged = [];
    heard = [];
    told = [];
    usedUp = ok(false);
  });

  test.each(['unreachable', 'timeout', 'portal', 'unproven'] as const)(
    'network.%s: asked first, then judged here, for the same visit',
    async (code) => {
      reply = Promise.resolve(fail(`network.${code}`, 'x'));
      expect(await make().authorise(forDoor)).toEqual(own);
      expect([asked, judged]).toEqual([1, [forDoor]]);
      // Nobody has said anything of the phone, nor that a face may be enrolled.
      expect([authoriser.phoneDigitsOf(first), authoriser.mayEnrolIn(first)]).toEqual([null, false]);
    },
  );

  test('known already: judged at once, a face with its number', async () => {
    isCutOff = true;
    expect(await make().authorise({ visitId: first, faceOf: 'M1' })).toEqual(own);
    expect([asked, judged]).toEqual([0, [{ visitId: first, faceOf: 'M1', enrolmentId }]]);
  });

  test.each([
    'operator.unavailable',
    'operator.busy',
    'operator.unauthenticated',
    'operator.garbage',
  ] as const)('%s: it is there, and decides', async (code) => {
    reply = Promise.resolve(fail(code, 'x'));
    expect(await make().authorise(forDoor)).toEqual({ reason: 'system.operator_error' });
    expect(judged).toEqual([]);
  });

  test('what the operator says is heard, a no as well, and decides', async () => {
    expect(await make().authorise(forDoor)).toEqual({ member, maxMinor: 10_000 });
    const no: AuthoriseReply = { decision: 'refused', reason: 'account.suspended' };
    reply = Promise.resolve(ok(no));
    expect(await authoriser.authorise(forDoor)).toEqual({ reason: 'account.suspended' });
    expect([heard, judged]).toEqual([[allowed, no], []]);
  });

  test.each(['visit', 'account'] as const)(
    'a code that another visit has used here is not asked about, for %s: the operator need not know of that yet',
    async (purpose) => {
      usedUp = ok(true);
      expect(await make().authorise({ ...forDoor, purpose })).toEqual({ reason: 'account.code_replayed' });
      usedUp = fail('storage.io', 'x');
      expect(await make().authorise({ ...forDoor, purpose })).toEqual({ reason: 'system.storage_fault' });
      expect([asked, judged]).toEqual([0, []]);
    },
  );

  test.each([
    ['network.unreachable', ['asking, asked 0', 'not asked']],
    ['network.timeout', ['asking, asked 0']],
    ['operator.unavailable', ['asking, asked 0']],
  ] as const)(
    '%s: that it may have been asked is known before, for "my data" and without a policy too',
    async (code, words) => {
      reply = Promise.resolve(fail(code, 'x'));
      await make({ hasPolicy: false }).authorise(request(first));
      expect(told).toEqual(words);
    },
  );

  test('"my data" is the operator’s alone, and so is all of it without a policy', async () => {
    isCutOff = true;
    reply = Promise.resolve(fail('network.unreachable', 'x'));
    expect(await make().authorise(request(first))).toEqual({ reason: 'network.unreachable' });
    expect(await make({ hasPolicy: false }).authorise(forDoor)).toEqual({ reason: 'network.unreachable' });
    expect([asked, judged]).toEqual([2, []]);
  });
});
