import type { Page } from 'playwright-core';
import { minor } from '../../src/shared/money.ts';
import type { MemberMessage } from '../../src/shared/model/message.schema.ts';
import type { ToldMoney } from '../../src/shared/model/told-money.ts';
import type { PhoneAgreement } from '../../src/shared/phone/account.schema.ts';
import { cabinetRefusals } from '../../src/shared/phone/cabinet.ts';
import type { PhonePurchase } from '../../src/shared/phone/purchases.schema.ts';
import { linkStates } from '../../src/shared/phone/session.ts';
import {
  cola,
  owed,
  paid,
  riceball,
  sampleNowMs as nowMs,
  samplePurchase,
  sampleSession as session,
} from '../../src/web/phone/testing/samples.ts';
import type { SaidToPhone } from './served-page.ts';

/** A state of the page to be drawn: where it is opened, what the operator says, and what somebody does there. */
export interface PhoneState {
  readonly place: string;
  readonly said: SaidToPhone;
  readonly act?: (page: Page) => Promise<void>;
  /** Of what must be there before the picture is taken. */
  readonly wait: string;
}

const token = 'a'.repeat(43);
const nowhere: SaidToPhone = { purchases: { purchases: [], nowMs } };
const suspended = { ...session, refused: 'account.suspended' } as const;
const unpaid = { ...session, refused: 'account.unpaid_charges' } as const;

const followsTold: ToldMoney = {
  ...paid,
  status: 'follows',
  reason: 'system.provider_error',
  when: 'on_its_own_soon',
};
const reviewTold: ToldMoney = {
  ...paid,
  ...{ status: 'review', reason: 'recognition.reader_lost', when: 'working_days' },
};
const reportedTold: ToldMoney = {
  ...paid,
  ...{
    amountMinor: minor(690),
    beside: 'billed',
    report: 'notDebited',
    isReportOpen: true,
    when: 'working_days',
  },
  ...{ held: 'held', heldMinor: minor(700) },
};
const cards: ToldMoney = { ...owed, reason: 'account.expired_card' };
const refundedTold: ToldMoney = {
  ...paid,
  resolved: { how: 'refunded_in_part', by: 'support', atMs: nowMs },
};
const half = {
  id: 'half',
  name: { zh: '饮料第二件半价', en: 'Drinks: second at half price' },
  amountMinor: minor(175),
};
const discounted = samplePurchase(
  '0000ABCN',
  { ...paid, amountMinor: minor(1215) },
  {
    lines: [{ ...cola, amountMinor: minor(525), discounts: [half] }, riceball],
    totalMinor: minor(1215),
  },
);
const freeHour = { id: 'free', name: { zh: '开业免费', en: 'Free at the opening' } };
const free = samplePurchase(
  '0000ABCP',
  { ...paid, status: 'nothing', amountMinor: minor(0) },
  {
    lines: [cola, riceball].map((line) => ({
      ...line,
      amountMinor: minor(0),
      discounts: [{ ...freeHour, amountMinor: line.amountMinor }],
    })),
    totalMinor: minor(0),
  },
);
const owedOne = samplePurchase('0000ABCD', owed, { nextTryAtMs: nowMs + 3_600_000 });
const reported = samplePurchase('0000ABCH', reportedTold, {
  heldLines: [cola] as never,
  disputed: ['A001'] as never,
});
const purchases: PhonePurchase[] = [
  owedOne,
  samplePurchase('0000ABCE', followsTold),
  samplePurchase('0000ABCF', { ...followsTold, reason: 'network.timeout' }),
  samplePurchase('0000ABCG', reviewTold),
  reported,
  samplePurchase('0000ABCJ', paid),
  samplePurchase('0000ABCK', refundedTold, {
    refund: { stage: 'under_way', amountMinor: minor(700), atMs: nowMs, by: 'system' },
  }),
];
const home = { session, purchases: { purchases, nowMs } } as const;

const looked = {
  opens: true,
  cabinetId: 'SH-0042',
  place: { zh: '科技园 2 号楼大堂', en: 'Science Park, lobby of building 2' },
  shownForMs: 6_000,
  endsAtMs: nowMs + 39_000,
  nowMs,
  asksPosition: false,
} as const;
const cabinetPlace = 'c#KC1.SH-0042.T4N0S0.AAAAAAAA.BBBBBBBB';
const yes = async (page: Page): Promise<void> => page.getByTestId('cabinet-yes').click();

const agreement: PhoneAgreement = {
  provider: 'wechat',
  means: 'wechat_pay',
  isCurrent: true,
  agreement: 'valid',
  changedAtMs: nowMs - 9e8,
  ...{ maySignUp: true, ends: 'here', signUp: null },
};
const none = { ...agreement, isCurrent: false, agreement: null, changedAtMs: null, ends: null } as const;
const agreements = {
  agreements: [
    agreement,
    { ...none, provider: 'alipay', means: 'alipay' },
    {
      ...{ ...none, provider: 'stripe', means: 'card', agreement: 'void', changedAtMs: nowMs - 9e7 },
      signUp: { signUpId: 'A', provider: 'stripe', state: 'expired', page: null, endsAtMs: nowMs },
    },
  ],
} satisfies { agreements: PhoneAgreement[] };
const welcome = { providers: [], contact: 'help@kaimen.example' };
const messages: MemberMessage[] = [
  {
    ...{ messageId: 3, template: 'free', chargeId: null, atMs: nowMs - 6e5, isRead: false },
    text: '您好！您昨天忘在柜子旁边的雨伞，在大堂前台。\nYour umbrella is at the reception.',
  },
  {
    ...{ messageId: 2, template: 'looked_at', text: '', atMs: nowMs - 9e7, isRead: true },
    chargeId: reported.chargeId,
  },
  {
    ...{ messageId: 1, template: 'money_back', chargeId: null, atMs: nowMs - 9e8, isRead: true },
    text: '¥7.00',
  },
];
const faces = [
  { cabinetId: 'SH-0042', place: looked.place, enrolledAtMs: nowMs - 9e9, state: 'kept' },
  { cabinetId: 'SH-0043', place: null, enrolledAtMs: nowMs - 9e8, state: 'leaving' },
] as const;

function purchaseState(purchase: PhonePurchase): PhoneState {
  return { place: `r#${purchase.chargeId}`, said: { session, purchase }, wait: 'total' };
}

const mark = async (page: Page): Promise<void> => {
  await page.getByTestId('report-line-A001').check();
  await page.getByTestId('report-kind-price').check();
  await page.getByTestId('report-words').fill('货架上写的是 3 元。 The shelf says 3.00.');
};
const reportPlace = `report#${purchases[5]?.chargeId ?? ''}`;
const toReport = { session, purchase: samplePurchase('0000ABCJ', paid) } as const;

export const phoneStates: Readonly<Record<string, PhoneState>> = {
  'phone-sign-in': {
    place: '',
    said: {
      session: 'unauthenticated',
      welcome: {
        providers: [
          { provider: 'wechat', app: 'wechat' },
          { provider: 'alipay', app: 'alipay' },
        ],
        contact: '400-123-4567',
      },
    },
    wait: 'sign-in-ask',
  },
  'phone-sign-in-cabinet': {
    place: cabinetPlace,
    said: { session: 'unauthenticated', welcome: { providers: [], contact: null } },
    wait: 'sign-in-ask',
  },
  'phone-unreachable': { place: '', said: { session: 'offline' }, wait: 'action-again' },
  'phone-starting': { place: '', said: {}, wait: 'waiting' },
  ...Object.fromEntries(
    linkStates.map((state) => [
      `phone-link-${state}`,
      { place: `in#${token}`, said: { openLink: { state } }, wait: `screen-link-${state}` },
    ]),
  ),
  'phone-link-malformed': { place: 'in#x', said: {}, wait: 'screen-not-signed-in-over' },
  'phone-provider-unknown': {
    place: `in/provider?code=x&state=${token}`,
    said: { endProvider: { signedIn: false, reason: 'unknown_account' } },
    wait: 'screen-not-signed-in-unknown_account',
  },
  'phone-home': { place: '', said: home, wait: 'standing-owes' },
  'phone-home-fine': { place: '', said: { session, ...nowhere }, wait: 'standing-fine' },
  'phone-home-unpaid': {
    place: '',
    said: {
      session: unpaid,
      purchases: { purchases: [owedOne, samplePurchase('0000ABCM', cards)], nowMs },
    },
    wait: 'standing-owes',
  },
  'phone-home-suspended': { place: '', said: { session: suspended, ...nowhere }, wait: 'standing-refused' },
  'phone-home-busy': { place: '', said: { session, purchases: 'unavailable' }, wait: 'failed-busy' },
  'phone-code': {
    place: 'code',
    said: {
      session,
      memberCode: {
        code: `KM1.M1001.t4n0s0.AAAAAAAAAAAA.${'A'.repeat(86)}`,
        endsAtMs: nowMs + 60_000,
        nowMs,
      },
    },
    wait: 'code-left',
  },
  'phone-cabinet': { place: cabinetPlace, said: { session, lookCabinet: looked }, wait: 'cabinet-yes' },
  'phone-cabinet-position': {
    place: cabinetPlace,
    said: { session, lookCabinet: { ...looked, place: null, asksPosition: true } },
    wait: 'cabinet-yes',
  },
  'phone-cabinet-asking': {
    place: cabinetPlace,
    said: { session, lookCabinet: looked, openCabinet: 'silent' },
    act: yes,
    wait: 'waiting',
  },
  'phone-cabinet-accepted': {
    place: cabinetPlace,
    said: { session, lookCabinet: looked, openCabinet: { accepted: true, cabinetId: 'SH-0042' } },
    act: yes,
    wait: 'screen-cabinet-accepted',
  },
  'phone-cabinet-offline': {
    place: cabinetPlace,
    said: { session, lookCabinet: looked, openCabinet: 'offline' },
    act: yes,
    wait: 'failed-offline',
  },
  'phone-cabinet-no': {
    place: cabinetPlace,
    said: { session, lookCabinet: looked },
    act: async (page) => page.getByTestId('cabinet-no').click(),
    wait: 'screen-cabinet-declined',
  },
  ...Object.fromEntries(
    cabinetRefusals.map((reason) => [
      `phone-cabinet-refused-${reason}`,
      {
        place: cabinetPlace,
        said: { session, lookCabinet: { opens: false, reason } },
        wait: `cabinet-refused-${reason}`,
      } satisfies PhoneState,
    ]),
  ),
  'phone-purchase-owed': purchaseState(owedOne),
  'phone-purchase-paid': purchaseState(samplePurchase('0000ABCJ', paid)),
  'phone-purchase-discount': purchaseState(discounted),
  'phone-purchase-free': purchaseState(free),
  'phone-purchase-reported': purchaseState(reported),
  'phone-purchase-refund': purchaseState(purchases[6] ?? reported),
  'phone-purchase-review': purchaseState(samplePurchase('0000ABCG', reviewTold)),
  'phone-purchase-none': {
    place: `r#${owedOne.chargeId}`,
    said: { session, purchase: 'not_found' },
    wait: 'failed-not_found',
  },
  'phone-debts': {
    place: 'debts',
    said: { session: unpaid, purchases: { purchases: [owedOne, samplePurchase('0000ABCM', cards)], nowMs } },
    wait: 'pay-' + owedOne.chargeId,
  },
  'phone-debts-none': { place: 'debts', said: { session, ...nowhere }, wait: 'no-debts' },
  'phone-report': { place: reportPlace, said: toReport, act: mark, wait: 'action-send' },
  'phone-report-offline': {
    place: reportPlace,
    said: { ...toReport, reportPurchase: 'offline' },
    act: async (page) => {
      await mark(page);
      await page.getByTestId('action-send').click();
    },
    wait: 'failed-offline',
  },
  'phone-report-photo': {
    place: reportPlace,
    said: { ...toReport, reportPurchase: { ...reported, photosLeft: 3 }, addPhoto: 'offline' },
    act: async (page) => {
      await mark(page);
      await page.getByTestId('report-add-photo').setInputFiles(await pictureOf(page));
      await page.getByTestId('report-photo').waitFor();
      await page.getByTestId('action-send').click();
    },
    wait: 'failed-offline',
  },
  'phone-account': { place: 'account', said: { session, agreements }, wait: 'agreement-wechat' },
  'phone-account-end': {
    place: 'account',
    said: { session, agreements, endAgreement: 'conflict' },
    act: async (page) => page.getByTestId('end-wechat').click(),
    wait: 'dialog-yes',
  },
  'phone-account-end-not-now': {
    place: 'account',
    said: { session, agreements, endAgreement: 'conflict' },
    act: async (page) => {
      await page.getByTestId('end-wechat').click();
      await page.getByTestId('dialog-yes').click();
      await page.getByTestId('dialog-yes').waitFor({ state: 'detached' });
    },
    wait: 'agreement-wechat',
  },
  'phone-face': {
    place: 'face',
    said: { session, faces: { faces: [...faces] } },
    wait: 'face-delete-SH-0042',
  },
  'phone-face-delete': {
    place: 'face',
    said: { session, faces: { faces: [...faces] } },
    act: async (page) => page.getByTestId('face-delete-SH-0042').click(),
    wait: 'dialog-yes',
  },
  'phone-messages': {
    place: 'messages',
    said: { session, welcome, messages: { messages } },
    wait: 'message-purchase',
  },
  'phone-messages-none': {
    place: 'messages',
    said: { session, messages: { messages: [] } },
    wait: 'no-messages',
  },
  'phone-home-messages': {
    place: '',
    said: { session: { ...session, unread: 2 }, ...nowhere },
    wait: 'home-messages',
  },
  'phone-face-none': { place: 'face', said: { session, faces: { faces: [] } }, wait: 'no-face' },
  'phone-nowhere': { place: 'nowhere', said: { session }, wait: 'screen-unknown' },
};

/** A picture as a camera gives one, larger than what is sent: made by the browser itself. */
async function pictureOf(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const text = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 2400, height: 1800 });
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    const colours = context.createLinearGradient(0, 0, 2400, 1800);
    colours.addColorStop(0, '#c8321f');
    colours.addColorStop(1, '#0b7f5e');
    context.fillStyle = colours;
    context.fillRect(0, 0, 2400, 1800);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  return { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(text, 'base64') };
}
