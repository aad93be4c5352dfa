import { expect, test } from 'vitest';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import type { FaceController } from '../face/face-controller.ts';
import { AccountController } from './account-controller.ts';
import type { PurchaseHistory } from './purchase-history.ts';

const purchases = { view: () => null } as unknown as PurchaseHistory;
const faces = {} as unknown as FaceController;

test.each([
  [true, faces, 'code'],
  [true, null, 'code'],
  [false, faces, 'face'],
])('online %j: the account is reached by %3$s', (isOnline, withFaces, by) => {
  const events: VisitEvent[] = [];
  const account = new AccountController(withFaces, purchases, {
    isOnline: () => isOnline,
    dispatch: (event) => events.push(event),
  });
  expect(account.choose()).toEqual({ ok: true, value: null });
  expect(events).toEqual([{ type: 'chooseAccount', by }]);
});

test('without a network and without faces there is no way to it', () => {
  const events: VisitEvent[] = [];
  const account = new AccountController(null, purchases, {
    isOnline: () => false,
    dispatch: (event) => events.push(event),
  });
  expect(account.choose()).toMatchObject({ error: { code: 'stale' } });
  expect(events).toEqual([]);
});
