import { afterEach, expect, test, vi } from 'vitest';
import type { VisitView } from '../../shared/model/visit.schema.ts';

/** Who touches or scrolls what they read is there: the wait of that screen begins anew, and says so to main once. */

let listened = 0;
afterEach(() => {
  vi.doUnmock('./kiosk/use-touch.ts');
  vi.resetModules();
});

const countdown = { durationMs: 60_000, elapsedMs: 0 };
const purchase = {
  ...{ chargeId: 'KM01JDA5N2YX9V4T8R3QKM7F3Q9Z', ref: 'KM7F3Q9Z', cabinetId: 'A-0217', here: true, atMs: 0 },
  ...{ currency: 'CNY', totalMinor: 700, billedMinor: 700, status: 'collecting', reason: null },
  ...{ actor: 'shopper', when: 'when_shopper_acts', nextTryAtMs: null, resolved: null, mayDispute: true },
  ...{ mayPay: true, disputed: [], draft: [], lines: [], heldLines: [] },
};
const account = { screen: 'account', by: 'code', member: '王*', form: null, countdown } as const;
const face = { screen: 'face', purpose: 'visit', countdown } as const;
const screens: Readonly<Record<string, object>> = {
  'the consent to a face': { ...account, account: { phase: 'consent', consentVersion: 'v1' } },
  'the privacy notice': { ...face, face: { phase: 'notice' } },
  'the pad for digits': { ...face, face: { phase: 'digits' } },
  'the menu of the account': { ...account, account: { phase: 'menu', face: null, recordCount: 0 } },
  'the question before a deletion': { ...account, account: { phase: 'withdraw' } },
  'the list of purchases': { ...account, account: { phase: 'purchases', list: 'complete', rows: [] } },
  'one purchase': { ...account, account: { phase: 'purchase', purchase } },
  'the code to pay with': {
    ...account,
    account: { phase: 'pay', purchase, payUrl: 'https://pay.example/1' },
  },
  'the processing record': {
    ...account,
    account: { phase: 'records', records: [], count: 0, text: '', textCount: 0 },
  },
  'the code screen': { ...face, screen: 'identifying', cabinetCode: { state: 'none' } },
  'why the door stayed shut': { ...face, screen: 'refused', reason: 'account.suspended' },
};

async function touchesHeardOn(view: (snapshots: { receiptOf: () => VisitView }) => object): Promise<number> {
  vi.resetModules();
  vi.doMock('./kiosk/use-touch.ts', () => ({
    useTouch: () => {
      listened++;
    },
  }));
  const { draw } = await import('./testing/draw.tsx');
  const { receiptOf, snapshotOf } = await import('./testing/snapshots.ts');
  listened = 0;
  const base = snapshotOf(receiptOf());
  draw({ ...base, visit: view({ receiptOf: () => base.visit }) as VisitView });
  return listened;
}

test.each(Object.entries(screens))('%s hears that it is touched', async (_, view) => {
  expect(await touchesHeardOn(() => view)).toBe(1);
});
test('the receipt hears that it is touched', async () => {
  expect(await touchesHeardOn(({ receiptOf }) => receiptOf())).toBe(1);
});
