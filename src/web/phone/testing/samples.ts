import { minor } from '../../../shared/money.ts';
import type { ToldMoney } from '../../../shared/model/told-money.ts';
import type { PhonePurchase } from '../../../shared/phone/purchases.schema.ts';
import type { PhoneSession } from '../../../shared/phone/session.schema.ts';

/** What the operator answers, as tests and pictures want it. */

const zone = 8 * 3_600_000;
export const sampleNowMs = Date.UTC(2026, 10, 22, 12, 40) - zone;

export const sampleSession: PhoneSession = {
  memberId: 'm-1',
  display: '王*',
  csrf: 'c',
  endsAtMs: sampleNowMs + 86_400_000,
  idleMaxMs: 86_400_000,
  nowMs: sampleNowMs,
  language: null,
  refused: null,
  unread: 0,
};

const line = (sku: string, zh: string, en: string, count: number, unit: number) => ({
  sku: sku as never,
  name: { zh, en },
  count,
  unitPriceMinor: minor(unit),
  amountMinor: minor(unit * count),
});
export const cola = line('A001', '可乐 330 毫升', 'Cola 330 ml', 2, 350);
export const riceball = line('A002', '金枪鱼饭团', 'Tuna rice ball', 1, 690);

export const paid: ToldMoney = {
  status: 'paid',
  reason: null,
  amountMinor: minor(1390),
  beside: null,
  report: null,
  isReportOpen: false,
  mayBeCharged: false,
  held: null,
  heldMinor: minor(0),
  resolved: null,
  mayPay: false,
  when: null,
};
export const owed: ToldMoney = {
  ...paid,
  status: 'collecting',
  reason: 'account.insufficient_funds',
  mayPay: true,
  when: 'when_shopper_pays',
};

/** Its charge's number ends with these, as the reference that people read out. */
export function samplePurchase(
  ref: string,
  told: ToldMoney,
  more: Partial<PhonePurchase> = {},
): PhonePurchase {
  return {
    chargeId: `C01KAIMEN0000000000${ref}` as never,
    ref,
    cabinetId: 'SH-0042',
    place: { zh: '科技园 2 号楼大堂', en: 'Science Park, lobby of building 2' },
    atMs: sampleNowMs - 3_600_000,
    currency: 'CNY',
    lines: [cola, riceball] as never,
    heldLines: [],
    totalMinor: minor(1390),
    told,
    nextTryAtMs: null,
    payUrl: told.mayPay ? 'https://pay.example/p/1' : null,
    means: told.mayPay ? 'wechat_pay' : undefined,
    disputed: [],
    mayReport: told.report === null,
    photosLeft: told.report === null ? 0 : 3,
    ...more,
  };
}
