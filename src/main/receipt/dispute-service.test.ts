import { beforeEach, expect, test } from 'vitest';
import type { VisitContext, VisitEvent } from '../../core/visit/visit-model.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeChargeId } from '../../shared/ids.ts';
import { SeededRandom } from '../../shared/random.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { DisputeFailure } from '../charges/dispute-store.ts';
import { operatorClock } from '../operator/operator-clock.ts';
import { DisputeService } from './dispute-service.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';

const chargeId = makeChargeId(1, new Uint8Array(10));
let added: Result<boolean, DisputeFailure>;
let isAmongPurchases: boolean;
let done: string[];
let state: 'receipt' | 'account' | 'attract';
let form: VisitContext['form'];
let service: DisputeService;

beforeEach(() => {
  added = ok(true);
  isAmongPurchases = false;
  done = [];
  state = 'receipt';
  form = null;
  service = new DisputeService({
    disputes: {
      add: (_charge, _dispute, skus) => {
        done.push(`added ${skus.join()}`);
        return added;
      },
    },
    drafts: { put: (_charge, skus) => done.push(`draft ${skus.join() || 'none'}`) },
    purchases: {
      mayDispute: () => isAmongPurchases,
      localChanged: () => done.push('purchases changed'),
    },
    visit: {
      get visit() {
        return visitAt(state, { chargeId, form });
      },
      dispatch: (event: VisitEvent) => done.push(event.type),
    },
    onAdded: () => done.push('sent'),
    clock: new FakeClock(),
    random: new SeededRandom(1),
    logger: silentLogger,
  });
});

test('from the receipt: on record, then sent, and the receipt says so', () => {
  expect(service.dispute(chargeId, ['cola'])).toEqual(ok(null));
  expect(done).toEqual(['added cola', 'sent', 'draft none', 'purchases changed', 'disputed']);
});

test('a report is made at the time of the clock that it is given: the operator’s', () => {
  const operatorMs = 1_800_000_000_000;
  const times: (number | undefined)[] = [];
  const timed = new DisputeService({
    disputes: {
      add: (_charge, _dispute, _skus, saidMs) => {
        times.push(saidMs);
        return ok(true);
      },
    },
    drafts: { put: () => undefined },
    purchases: { mayDispute: () => true, localChanged: () => undefined },
    visit: { visit: visitAt('attract', { chargeId, form }), dispatch: () => undefined },
    onAdded: () => undefined,
    clock: operatorClock(new FakeClock(5), () => operatorMs),
    random: new SeededRandom(1),
    logger: silentLogger,
  });
  expect(timed.dispute(chargeId, ['cola'])).toEqual(ok(null));
  expect(times).toEqual([operatorMs]);
});

test('from the purchases: the same, and the account stays', () => {
  state = 'account';
  isAmongPurchases = true;
  expect(service.dispute(chargeId, ['cola'])).toEqual(ok(null));
  expect(done.at(-1)).toBe('disputed');
});

test('what is not on screen cannot be reported', () => {
  state = 'attract';
  expect(service.dispute(chargeId, ['cola'])).toMatchObject({ error: { code: 'stale' } });
  state = 'receipt';
  expect(service.dispute(makeChargeId(2, new Uint8Array(10)), ['cola'])).toMatchObject({
    error: { code: 'stale' },
  });
  expect(done).toEqual([]);
});

test.each([
  ['dispute.no_such_line', 'bad_request'],
  ['charge.unknown', 'internal'],
  ['storage.io', 'internal'],
] as const)('%s: %s, and nothing is said to be on record', (code, answer) => {
  added = fail(code, 'x');
  expect(service.dispute(chargeId, ['cola'])).toMatchObject({ error: { code: answer } });
  expect(done).toEqual(['added cola']);
});

test('while it is filled in, each mark is kept, and a touch is known', () => {
  expect(service.fill(chargeId, [])).toEqual(ok(null));
  expect(service.fill(chargeId, ['cola', 'tea'])).toEqual(ok(null));
  const filled = ['purchases changed', 'formChanged'];
  expect(done).toEqual(['draft none', ...filled, 'draft cola,tea', ...filled]);
  state = 'attract';
  expect(service.fill(chargeId, ['cola'])).toMatchObject({ error: { code: 'stale' } });
});

test('whoever goes back from it leaves nothing', () => {
  expect(service.putAway()).toMatchObject({ error: { code: 'stale' } });
  form = { chargeId, skus: ['cola'], isWarned: false };
  expect(service.putAway()).toEqual(ok(null));
  expect(done).toEqual(['draft none', 'purchases changed', 'formClosed']);
});

test('a form whose purchase takes no report any more is in nobody’s hand', () => {
  state = 'account';
  form = { chargeId, skus: ['cola'], isWarned: false };
  isAmongPurchases = true;
  service.onShownChanged();
  expect(done).toEqual([]);
  isAmongPurchases = false;
  service.onShownChanged();
  expect(done).toEqual(['formClosed']);
});
