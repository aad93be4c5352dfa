import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PurchasesReply } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { type ChargeId, idRandomByteCount, makeDisputeId, makeVisitId } from '../../shared/ids.ts';
import { accountViewSchema } from '../../shared/model/face-view.schema.ts';
import type { PurchaseAction } from '../../shared/model/purchase.schema.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { minor } from '../../shared/money.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { DisputeStore } from '../charges/dispute-store.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import type { Database } from '../storage/database.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { AccountController } from './account-controller.ts';
import { PurchaseHistory } from './purchase-history.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';

type RemotePurchase = PurchasesReply['purchases'][number];
type Reply = Result<PurchasesReply, OperatorFailure>;
interface Question {
  readonly visitId: string;
  readonly signal: AbortSignal;
  readonly answer: (reply: Reply) => Promise<void>;
}

/** The member of the test, in `sale`: number modulo 50. */
const memberId = 'm-1';
const idle = makeVisitId(0, new Uint8Array(idRandomByteCount));
const visitOf = (number: number) => makeVisitId(number, new Uint8Array(idRandomByteCount).fill(number));
/** All that is bought is bought then, one after the other by number. */
const soldMs = Date.UTC(2026, 0, 1);
const silence: Reply = fail('network.timeout', 'no answer');

let clock: FakeClock;
let db: Database;
let removeFolder: () => void;
let charges: ChargeStore;
let disputes: DisputeStore;
let questions: Question[];
let draft: string[];
let [changes, actives] = [0, 0];
let history: PurchaseHistory;
let account: AccountController;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  db = mustOpen(`${scratch.path}/kaimen.db`, clock);
  charges = new ChargeStore(db, testLog(db), clock, clock);
  disputes = new DisputeStore(db, testLog(db), clock, clock);
  [questions, changes, actives, draft] = [[], 0, 0, []];
  history = new PurchaseHistory({
    client: {
      purchases: ({ visitId }, signal) =>
        new Promise((resolve) => {
          const answer = async (reply: Reply): Promise<void> => {
            resolve(reply);
            await clock.advance(0);
          };
          questions.push({ visitId, signal, answer });
        }),
    },
    drafts: { skusOf: () => draft },
    ...{ charges, disputes, clock, cabinetId: 'CAB-1', pictureOf: (sku) => `picture-of-${sku}` },
    logger: { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 },
    onChange: () => changes++,
    onActive: () => actives++,
  });
  account = new AccountController(null, history, { isOnline: () => true, dispatch: () => undefined });
});
afterEach(() => {
  history.close();
  db.close();
  removeFolder();
});

const open = (number = 1, by: 'code' | 'face' = 'code'): void =>
  history.onVisitChanged(
    visitAt('account', {
      visitId: visitOf(number),
      ...(by === 'code' ? { member: { memberId, display: '王*' } } : { recognisedMemberId: memberId }),
    }),
  );
/** A purchase at this cabinet; number 1, 51, 101 … are the member's. */
function sell(number: number, totalMinor = 500): ChargeId {
  const { chargeId, body } = sale(number, totalMinor, soldMs + number);
  const { visitId, cabinetId, currency } = body;
  assertOk(
    charges.open({ chargeId, visitId, memberId: body.memberId, memberDisplay: '王*', cabinetId, currency }),
  );
  assertOk(charges.finalise(chargeId, body));
  return chargeId;
}
/** As the operator would send it. */
function remotePurchase(number: number, over: Partial<RemotePurchase> = {}): RemotePurchase {
  const { chargeId, body } = sale(number, 500, soldMs + number);
  const { cabinetId, currency, lines, heldLines, totalMinor, closedAtMs: atMs } = body;
  return {
    ...{ chargeId, cabinetId, currency, lines, heldLines, totalMinor, atMs, billedMinor: totalMinor },
    ...{ state: 'paid', reason: null, nextTryAtMs: null, disputed: [], payUrl: null, resolved: null },
    ...over,
  };
}
const answer = (...purchases: RemotePurchase[]): Promise<void> | undefined =>
  questions.at(-1)?.answer(ok({ purchases }));
const act = (action: PurchaseAction['do'] | PurchaseAction): boolean =>
  account.act(typeof action === 'string' ? ({ do: action } as PurchaseAction) : action).ok;
const openList = (): void => {
  open();
  expect(act('purchases')).toBe(true);
};
function list() {
  const view = accountViewSchema.parse(account.view());
  if (view.phase !== 'purchases') throw new Error(view.phase);
  return {
    list: view.list,
    isOld: view.isOld,
    ids: view.rows.map(({ chargeId }) => chargeId),
    rows: view.rows,
  };
}
function detail() {
  const view = accountViewSchema.parse(account.view());
  if (!('purchase' in view)) throw new Error(view.phase);
  return { phase: view.phase, ...view.purchase };
}

describe('asked', () => {
  test('once, as soon as the member is there, and for this visit', async () => {
    open();
    for (let i = 0; i < 3; i++) open();
    expect(questions.map(({ visitId }) => visitId)).toEqual([visitOf(1)]);
    await answer(remotePurchase(1));
    expect(act('purchases')).toBe(true);
    expect(list()).toMatchObject({ list: 'complete', ids: [remotePurchase(1).chargeId] });
    expect(questions).toHaveLength(1);
  });
  test('never by face: the operator does not know who is there, and nothing of it is shown', () => {
    sell(1);
    open(1, 'face');
    expect(questions).toEqual([]);
    expect(act('purchases')).toBe(false);
    expect(account.view().phase).toBe('menu');
  });
  test('never outside the account', () => {
    for (const state of ['attract', 'shopping', 'receipt', 'identifyingByCode', 'authorising'] as const)
      history.onVisitChanged(visitAt(state, { visitId: idle, member: { memberId, display: '' } }));
    expect(questions).toEqual([]);
  });
});

describe('until there is an answer', () => {
  test('what this cabinet has on record stands there; the screen never waits', () => {
    const mine = sell(1);
    sell(2);
    openList();
    expect(list()).toMatchObject({ list: 'loading', ids: [mine] });
    expect(list().rows[0]).toMatchObject({ status: 'sending', picture: 'picture-of-tea', billedMinor: 500 });
  });
  test.each([
    ['network.unreachable', 'network'],
    ['network.timeout', 'network'],
    ['operator.unavailable', 'system'],
    ['operator.garbage', 'system'],
    ['operator.refused', 'system'],
    ['operator.unauthenticated', 'ended'],
  ] as const)('%s: a plain reason, our own record, and again by a touch', async (code, why) => {
    const mine = sell(1);
    openList();
    await questions[0]?.answer(fail(code, ''));
    expect(list()).toMatchObject({ list: why, isOld: false, ids: [mine] });
    // By itself, where that can help, once: this question has no answer. What stands there stays meanwhile.
    await clock.advance(60_000);
    expect(questions).toHaveLength(why === 'ended' ? 1 : 2);
    expect(list()).toMatchObject({ list: why });
    expect(act('purchases')).toBe(true);
    expect(list().list).toBe('loading');
    // Two touches are one question.
    act('purchases');
    expect(questions).toHaveLength(2);
    await answer(remotePurchase(1), remotePurchase(51));
    expect(list()).toMatchObject({
      list: 'complete',
      ids: [remotePurchase(51).chargeId, remotePurchase(1).chargeId],
    });
  });
  test('a look that does not come keeps the list that is there, and says that it is an old one', async () => {
    openList();
    await answer(remotePurchase(1), remotePurchase(51));
    act('purchases');
    expect(list().list).toBe('complete');
    await questions[1]?.answer(silence);
    expect(list()).toMatchObject({
      ...{ list: 'network', isOld: true },
      ids: [remotePurchase(51).chargeId, remotePurchase(1).chargeId],
    });
    act({ do: 'purchase', chargeId: remotePurchase(51).chargeId });
    expect(detail()).toMatchObject({ phase: 'purchase', isOld: true });
    act('purchases');
    act('purchases');
    await answer(remotePurchase(1));
    expect(list()).toMatchObject({ list: 'complete', isOld: false });
  });
});

describe('an answer that comes too late', () => {
  test('is nobody’s: given up, and shown neither to who has left nor to who comes next', async () => {
    openList();
    history.onVisitChanged(visitAt('attract'));
    expect(questions[0]?.signal.aborted).toBe(true);
    expect(account.view().phase).toBe('menu');
    await answer(remotePurchase(1));
    expect(act('purchases')).toBe(false);
    open(2);
    await questions[0]?.answer(ok({ purchases: [remotePurchase(1)] }));
    act('purchases');
    expect(list()).toMatchObject({ list: 'loading', ids: [] });
    await questions[1]?.answer(ok({ purchases: [remotePurchase(51)] }));
    expect(list().ids).toEqual([remotePurchase(51).chargeId]);
  });
  test('no change is emitted after leaving', async () => {
    open();
    history.onVisitChanged(visitAt('attract'));
    const before = changes;
    await answer(remotePurchase(1));
    await clock.advance(60_000);
    expect(changes).toBe(before);
  });
});

describe('both records', () => {
  test('each once: what is not delivered yet beside what the operator has', async () => {
    const waiting = sell(51);
    openList();
    await answer(remotePurchase(1));
    expect(list().ids).toEqual([waiting, remotePurchase(1).chargeId]);
    act('purchases');
    await answer(remotePurchase(1), remotePurchase(51, { state: 'collecting', reason: 'account.declined' }));
    expect(list()).toMatchObject({ ids: [waiting, remotePurchase(1).chargeId] });
    expect(list().rows[0]).toMatchObject({ status: 'collecting' });
  });
  test('many local ones: all that is not delivered, and of the others as many as the operator sends', () => {
    const waiting = sell(1);
    for (let i = 1; i <= purchasesMax + 5; i++) {
      const id = sell(1 + 50 * i);
      assertOk(charges.markSubmitting(id));
      const paid = { type: 'reply', state: 'paid', totalMinor: minor(500), reason: null } as const;
      assertOk(charges.recordOutcome(id, paid, null));
    }
    openList();
    expect(list().ids).toHaveLength(purchasesMax + 1);
    expect(list().ids.at(-1)).toBe(waiting);
  });
  test('a charge that goes on while it is looked at', () => {
    const id = sell(1);
    openList();
    act({ do: 'purchase', chargeId: id });
    expect(detail().status).toBe('sending');
    assertOk(charges.markSubmitting(id));
    assertOk(charges.recordOutcome(id, { type: 'doubt', reason: 'network.timeout' }, clock.nowMs()));
    const before = changes;
    history.localChanged();
    expect(detail()).toMatchObject({ status: 'follows', reason: 'network.timeout' });
    expect(changes).toBe(before + 1);
    history.localChanged();
    expect(changes).toBe(before + 1);
  });
  test('a decision that comes while the list stands there is not hidden by the list from before it', async () => {
    const mine = sell(1);
    assertOk(charges.markSubmitting(mine));
    const told = { reason: null, totalMinor: minor(500), namedMinor: minor(500) } as const;
    const waiting = { type: 'reply', state: 'needs_attention', ...told } as const;
    assertOk(charges.recordOutcome(mine, waiting, 0));
    openList();
    const before = { how: 'adjusted', by: 'support', atMs: 7 } as const;
    await answer(remotePurchase(1, { state: 'collecting', resolved: before }));
    const later = { how: 'debited', by: 'provider', atMs: 3 } as const;
    assertOk(charges.recordOutcome(mine, { type: 'resolved', state: 'paid', ...told, ...later }, null));
    history.localChanged();
    expect(questions).toHaveLength(2);
    await answer(remotePurchase(1, { resolved: later }));
    act({ do: 'purchase', chargeId: mine });
    expect(detail()).toMatchObject({ status: 'paid', resolved: later });
    history.localChanged();
    expect(questions).toHaveLength(2);
  });
  describe('a decision that is heard here first', () => {
    // 5.00 waited for a human, whose decision was that it is debited; the provider refused that, and it is written off.
    const first = { how: 'debited', by: 'support', atMs: 1_000 } as const;
    const second = { how: 'written_off', by: 'support', atMs: 2_000 } as const;
    const waits = { state: 'needs_attention', reason: 'system.provider_error' } as const;
    const bill = { totalMinor: minor(500), namedMinor: minor(500) } as const;
    const waitsThere = { ...waits, resolved: first, inReview: true } as const;
    const nothingThere = { billedMinor: minor(0), resolved: second } as const;
    let mine: ChargeId;
    beforeEach(() => {
      mine = sell(1);
      assertOk(charges.markSubmitting(mine));
      assertOk(charges.recordOutcome(mine, { type: 'reply', ...waits, ...bill }, 0));
      assertOk(charges.recordOutcome(mine, { type: 'resolved', ...waits, ...bill, ...first }, 0));
      openList();
      act({ do: 'purchase', chargeId: mine });
    });
    const writeOff = (): void => {
      const nothing = { state: 'paid', reason: null, ...bill, totalMinor: minor(0) } as const;
      assertOk(charges.recordOutcome(mine, { type: 'resolved', ...nothing, ...second }, null));
      history.localChanged();
    };
    const nothingToPay = { status: 'paid', billedMinor: 0, resolved: second };

    test('is not hidden by a list that was asked for before it, and the list is asked for again', async () => {
      writeOff();
      expect(detail()).toMatchObject(nothingToPay);
      expect(questions).toHaveLength(1);
      await answer(remotePurchase(1, waitsThere));
      expect(detail()).toMatchObject({ ...nothingToPay, inReview: undefined });
      expect(questions).toHaveLength(2);
      await answer(remotePurchase(1, nothingThere));
      expect(detail()).toMatchObject(nothingToPay);
      expect(questions).toHaveLength(2);
    });
    test('is not hidden by the list that stands there, when no other one comes', async () => {
      await answer(remotePurchase(1, waitsThere));
      act('purchases');
      act({ do: 'purchase', chargeId: mine });
      expect(detail()).toMatchObject({ status: 'review', billedMinor: 500 });
      writeOff();
      expect(questions).toHaveLength(2);
      await questions.at(-1)?.answer(silence);
      expect(detail()).toMatchObject({ ...nothingToPay, isOld: true });
      expect(questions).toHaveLength(2);
    });
    test('gives way to the list that was asked for after it', async () => {
      writeOff();
      await answer(remotePurchase(1, waitsThere));
      const third = { how: 'debited', by: 'provider', atMs: 3_000 } as const;
      await answer(remotePurchase(1, { resolved: third }));
      expect(detail()).toMatchObject({ status: 'paid', billedMinor: 500, resolved: third });
    });
  });
  test('what the operator says here of a listed charge is asked for in its list, tries are not', async () => {
    const mine = sell(1);
    assertOk(charges.markSubmitting(mine));
    const bill = { reason: null, totalMinor: minor(500) } as const;
    openList();
    assertOk(charges.recordOutcome(mine, { type: 'doubt', reason: 'network.timeout' }, 0));
    history.localChanged();
    await answer(remotePurchase(1, { state: 'collecting', payUrl: 'https://pay' }));
    expect(questions).toHaveLength(1);
    const waits = { type: 'reply', state: 'needs_attention', ...bill } as const;
    assertOk(charges.recordOutcome(mine, waits, 0));
    history.localChanged();
    expect(questions).toHaveLength(2);
    await answer(remotePurchase(1, { state: 'needs_attention' }));
    expect(list().rows[0]?.status).toBe('review');
    history.localChanged();
    expect(questions).toHaveLength(2);
  });
  test('a record that cannot be read: what the operator sent, and that it is not all', async () => {
    openList();
    await answer(remotePurchase(1));
    db.close();
    history.localChanged();
    expect(list()).toMatchObject({ list: 'system', ids: [remotePurchase(1).chargeId] });
  });
});

describe('one purchase', () => {
  test('of this cabinet: all of it, and it can be reported once', async () => {
    const id = sell(1);
    openList();
    await answer(remotePurchase(1), remotePurchase(51, { cabinetId: 'CAB-9' }));
    expect(history.mayDispute(id)).toBe(false);
    act({ do: 'purchase', chargeId: id });
    expect(detail()).toMatchObject({
      ...{ here: true, cabinetId: 'CAB-1', ref: id.slice(-8), mayDispute: true, status: 'paid' },
      lines: [{ sku: 'tea', picture: 'picture-of-tea' }],
    });
    expect(history.mayDispute(id)).toBe(true);
    expect(history.mayDispute(remotePurchase(51).chargeId)).toBe(false);
    assertOk(disputes.add(id, makeDisputeId(1, new Uint8Array(idRandomByteCount)), ['tea']));
    history.localChanged();
    expect(detail()).toMatchObject({ disputed: ['tea'], mayDispute: false });
    expect(history.mayDispute(id)).toBe(false);
  });
  test('a report that was begun and not sent is found again', async () => {
    const id = sell(1);
    openList();
    await answer(remotePurchase(1));
    expect(list().rows[0]).toMatchObject({ hasDraft: false });
    draft = ['tea'];
    const before = changes;
    history.localChanged();
    expect(changes).toBe(before + 1);
    expect(list().rows[0]).toMatchObject({ hasDraft: true });
    act({ do: 'purchase', chargeId: id });
    expect(detail()).toMatchObject({ draft: ['tea'], mayDispute: true });
  });
  test('of another one: where, and nothing to report here', async () => {
    openList();
    await answer(remotePurchase(51, { cabinetId: 'CAB-9' }));
    act({ do: 'purchase', chargeId: remotePurchase(51).chargeId });
    expect(detail()).toMatchObject({ here: false, cabinetId: 'CAB-9', mayDispute: false });
  });
  test('is opened from the list only, and only if it is there', async () => {
    open();
    await answer(remotePurchase(1));
    expect(act({ do: 'purchase', chargeId: remotePurchase(1).chargeId })).toBe(false);
    act('purchases');
    expect(act({ do: 'purchase', chargeId: remotePurchase(51).chargeId })).toBe(false);
    expect(act('pay')).toBe(false);
  });
});

describe('paying', () => {
  const owed = (over: Partial<RemotePurchase> = {}): RemotePurchase =>
    remotePurchase(1, { state: 'collecting', reason: 'account.declined', payUrl: 'https://pay/1', ...over });
  const openPurchase = async (one: RemotePurchase): Promise<void> => {
    openList();
    await answer(one);
    act({ do: 'purchase', chargeId: one.chargeId });
  };
  test('only what is being collected and has a place to pay it', async () => {
    await openPurchase(owed({ payUrl: null }));
    expect(act('pay')).toBe(false);
    expect(detail()).toMatchObject({ phase: 'purchase', mayPay: false });
  });
  test('the QR stays while it is asked about, one question at a time, and goes when it is paid', async () => {
    await openPurchase(owed());
    expect(act('pay')).toBe(true);
    expect(account.view()).toMatchObject({ phase: 'pay', payUrl: 'https://pay/1' });
    await clock.advance(10_000);
    expect(questions).toHaveLength(2);
    await answer(owed());
    await clock.advance(3_000);
    expect(questions).toHaveLength(3);
    // An attempt is out just now: the QR is still that of the same order.
    await answer(owed({ payUrl: null, reason: 'system.provider_error' }));
    expect(detail().phase).toBe('pay');
    await clock.advance(3_000);
    await questions.at(-1)?.answer(silence);
    expect(detail().phase).toBe('pay');
    await clock.advance(3_000);
    const before = actives;
    await answer(owed({ state: 'paid', reason: null, payUrl: null }));
    expect(detail()).toMatchObject({ phase: 'purchase', status: 'paid' });
    expect(actives).toBe(before + 1);
    await clock.advance(60_000);
    expect(questions).toHaveLength(5);
  });
  test('without an answer it says so, on the QR and on the purchase behind it, until there is one', async () => {
    await openPurchase(owed());
    act('pay');
    await clock.advance(3_000);
    await questions.at(-1)?.answer(silence);
    expect(detail()).toMatchObject({ phase: 'pay', isOld: true });
    act({ do: 'purchase', chargeId: owed().chargeId });
    expect(detail()).toMatchObject({ phase: 'purchase', isOld: true, mayPay: true });
    act('pay');
    await clock.advance(3_000);
    await answer(owed());
    expect(detail()).toMatchObject({ phase: 'pay', isOld: false });
  });
  test('when it wants a new code, no answer can say that it is paid: nobody is asked any more', async () => {
    await openPurchase(owed());
    act('pay');
    await clock.advance(3_000);
    await questions.at(-1)?.answer(fail('operator.unauthenticated', ''));
    expect(detail()).toMatchObject({ phase: 'pay', isOld: true });
    await clock.advance(60_000);
    expect(questions).toHaveLength(2);
  });
  test('away, or back in the menu: nobody is asked any more', async () => {
    await openPurchase(owed());
    act('pay');
    account.act({ do: 'menu' });
    await clock.advance(60_000);
    expect(questions).toHaveLength(1);
    act('purchases');
    history.onVisitChanged(visitAt('attract'));
    await clock.advance(60_000);
    expect(questions).toHaveLength(1);
  });
});

describe('a debt that is paid elsewhere while it is on screen', () => {
  const owed = (over: Partial<RemotePurchase> = {}): RemotePurchase =>
    remotePurchase(1, { state: 'collecting', reason: 'account.declined', payUrl: 'https://pay/1', ...over });
  const paid = owed({ state: 'paid', reason: null, payUrl: null });
  /** The operator, asked until `untilMs`, with an answer each time after `takesMs`: in the book it is paid after `paidAtMs`. */
  const operatorAnswers = async (paidAtMs: number, takesMs: number, untilMs: number): Promise<void> => {
    const beganMs = clock.monotonicMs();
    let answered = questions.length;
    while (clock.monotonicMs() - beganMs < untilMs) {
      if (questions.length > answered) {
        answered = questions.length;
        const asOfNow = clock.monotonicMs() - beganMs >= paidAtMs ? paid : owed();
        await clock.advance(takesMs);
        await answer(asOfNow);
      } else await clock.advance(100);
    }
  };
  test.each(['list', 'purchase', 'pay'] as const)('%s: is no debt any more within 5 s', async (screen) => {
    // Paid at whatever moment between two questions; an answer takes as long as the operator may wait for the provider.
    for (const paidAtMs of [100, 1_500, 2_900, 3_100, 4_300]) {
      openList();
      await answer(owed());
      if (screen !== 'list') act({ do: 'purchase', chargeId: owed().chargeId });
      if (screen === 'pay') act('pay');
      await operatorAnswers(paidAtMs, 1_500, paidAtMs + 5_000);
      const status = screen === 'list' ? list().rows[0]?.status : detail().status;
      expect(status, `paid after ${paidAtMs} ms`).toBe('paid');
      if (screen === 'list') expect(list().rows[0]).toMatchObject({ reason: null, when: null });
      const asked = questions.length;
      await clock.advance(60_000);
      expect(questions).toHaveLength(asked);
      history.onVisitChanged(visitAt('attract'));
    }
  });
  test('the list says why, who acts next and when; without an answer it says so, and asks on', async () => {
    openList();
    await answer(owed());
    expect(list().rows[0]).toMatchObject({ reason: 'account.declined', when: 'when_shopper_pays' });
    await clock.advance(3_000);
    await questions.at(-1)?.answer(silence);
    expect(list()).toMatchObject({ list: 'network', isOld: true });
    expect(list().rows[0]).toMatchObject({ when: 'unless_shopper_has_paid' });
    await clock.advance(3_000);
    await answer(paid);
    expect(list()).toMatchObject({ list: 'complete', isOld: false });
    expect(list().rows[0]).toMatchObject({ status: 'paid', when: null });
  });
  test('never had an answer: what stands there stays while it is asked again', async () => {
    sell(1);
    openList();
    await questions.at(-1)?.answer(silence);
    expect(list()).toMatchObject({ list: 'network', isOld: false });
    await clock.advance(3_000);
    expect(questions).toHaveLength(2);
    expect(list().list).toBe('network');
    await answer(paid);
    expect(list().list).toBe('complete');
  });
});

test('whatever is touched and answered, in any order: a view of the contract, and each purchase once', async () => {
  const ids = [1, 51, 101].map((number) => remotePurchase(number).chargeId);
  type Step =
    | { readonly it: 'purchases' | 'pay' | 'menu' | 'open' | 'leave' | 'wait' }
    | { readonly it: 'purchase'; readonly chargeId: string }
    | { readonly it: 'answer'; readonly purchases: readonly RemotePurchase[] }
    | { readonly it: 'fail'; readonly code: OperatorFailure['code'] };
  const answers = fc
    .uniqueArray(fc.tuple(fc.constantFrom(1, 51, 101), fc.constantFrom('paid', 'collecting', 'accepted')), {
      selector: ([number]) => number,
    })
    .map((all) =>
      all.map(([n, state]) =>
        remotePurchase(n, { state, payUrl: state === 'collecting' ? 'https://pay' : null }),
      ),
    );
  const one = fc.oneof(
    fc.constantFrom<Step[]>(
      ...(['purchases', 'pay', 'menu', 'open', 'leave', 'wait'] as const).map((it) => ({ it })),
    ),
    fc.constantFrom(...ids).map((chargeId): Step => ({ it: 'purchase', chargeId })),
    answers.map((all): Step => ({ it: 'answer', purchases: all })),
    fc
      .constantFrom<OperatorFailure['code']>('network.timeout', 'operator.garbage')
      .map((code): Step => ({ it: 'fail', code })),
  );
  // And now and then somebody who does as the screen says.
  const owed = remotePurchase(1, { state: 'collecting', payUrl: 'https://pay' });
  const willing: Step[] = [
    { it: 'purchases' },
    { it: 'answer', purchases: [owed] },
    { it: 'purchase', chargeId: owed.chargeId },
    { it: 'pay' },
  ];
  const step = fc.oneof(
    { weight: 9, arbitrary: one.map((it) => [it]) },
    { weight: 1, arbitrary: fc.constant(willing) },
  );
  sell(51);
  const phases = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      let number = 1;
      open(number);
      for (const next of steps.flat()) {
        if (next.it === 'open') open(++number);
        else if (next.it === 'leave') history.onVisitChanged(visitAt('attract'));
        else if (next.it === 'wait') await clock.advance(3_000);
        else if (next.it === 'answer') await answer(...next.purchases);
        else if (next.it === 'fail') await questions.at(-1)?.answer(fail(next.code, ''));
        else if (next.it === 'purchase') account.act({ do: 'purchase', chargeId: next.chargeId });
        else account.act({ do: next.it });
        const view = account.view();
        expect(accountViewSchema.parse(view)).toEqual(view);
        phases.add(view.phase);
        if (view.phase !== 'purchases') continue;
        const shown = view.rows.map(({ chargeId }) => chargeId);
        expect(new Set(shown).size).toBe(shown.length);
      }
      history.onVisitChanged(visitAt('attract'));
      expect(account.view().phase).toBe('menu');
    }),
    { numRuns: 150, seed: 11 },
  );
  expect([...phases].sort()).toEqual(['menu', 'pay', 'purchase', 'purchases']);
});
