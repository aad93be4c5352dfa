import { and, eq } from 'drizzle-orm';
import { payPagePath } from '../../operator/providers/pay-page-path.ts';
import { knownOrderSchema as stripeOrderSchema } from '../../operator/providers/stripe/known-order.ts';
import { Rig as StripeRig } from '../../operator/providers/stripe/test-server/rig.ts';
import { alipayRecordSchema } from '../../operator/providers/alipay/known-order.ts';
import { Rig as AlipayRig } from '../../operator/providers/alipay/test-server/rig.ts';
import { StoredAccounts } from '../../operator/providers/provider-accounts.ts';
import { StoredOrders } from '../../operator/providers/provider-orders.ts';
import type { BillLine } from '../../operator/reconciliation/bill.ts';
import type { RealProvider } from '../../operator/providers/provider.ts';
import { WalletProvider, walletName } from '../../operator/providers/wallet/wallet-provider.ts';
import { knownOrderSchema as wechatOrderSchema } from '../../operator/providers/wechat/known-order.ts';
import { Rig as WechatRig } from '../../operator/providers/wechat/test-server/rig.ts';
import { charge, member } from '../../operator/storage/schema.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { topUpWallet } from '../../operator/support/wallet.ts';
import type { Clock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { fundWallet } from '../../testkit/operator/wallet.ts';

export const payerKinds = ['wechat', 'alipay', 'stripe', 'wallet', 'fake'] as const;
export type PayerKind = (typeof payerKinds)[number];

/** The number of our order, of what is hung on it where it was ordered anew. Ours have 28 characters. */
export const orderOfWechat = (no: string): string => no.split('*')[0] ?? no;
export const orderOfAlipay = (outOrderNo: string): string => outOrderNo.slice(0, 28);

/** Somebody who shops. */
export interface Payer {
  readonly memberId: string;
  readonly provider: PayerKind;
  /** As the provider's own book names whoever pays. */
  readonly account: string;
}

/** As a provider sends it by itself. */
export interface ProviderNotice {
  readonly provider: PayerKind;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Put in once, and again when somebody tops up; minor units. */
const fullPurseMinor = 60_000;
const lightPurseMinor = 2_000;
const topUpMinor = 20_000;
/** So many at once have no money. */
const poorCount = 4;
/** So likely a bank gives something again, instead of taking more. */
const givenAgainChance = 0.3;
/** Notices are about one of so many last debits. */
const noticedMax = 50;
/** Why a card says no; the last one: it is never to be asked again for that order. */
const cardDeclines = [
  ...['insufficient_funds', 'expired_card', 'authentication_required', 'do_not_honor', 'lost_card'],
] as const;
/** So long a provider does not find what it has, and so long after it was asked it debits, ms. */
const invisibleMs = 15_000;
const debitAfterMs = 20_000;

/** The providers' own servers, what goes wrong at them, and the people who have accounts there. */
export class Payers {
  readonly wechat = new WechatRig();
  readonly alipay = new AlipayRig();
  readonly stripe = new StripeRig();
  readonly all: Payer[] = [];
  /** Who has paid an order by a link: the page names nobody, and its payment has no customer. */
  readonly linkPayers = new Map<string, string>();
  /** What payers' banks have taken back of card payments, and what they have given again. */
  readonly chargebacks: BillLine[] = [];
  readonly #random: SeededRandom;
  #topUpCount = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  async start(): Promise<void> {
    for (const rig of this.#rigs) await rig.start();
  }
  async stop(): Promise<void> {
    for (const rig of this.#rigs) await rig.stop();
  }
  /** Their clocks go with the world's. */
  pass(ms: number): void {
    for (const rig of this.#rigs) rig.clock.pass(ms);
  }
  get #rigs() {
    return [this.wechat, this.alipay, this.stripe];
  }

  /** The adapters of one program, over what is stored in the database. */
  adapters(db: Db, clock: Clock): RealProvider[] {
    const wechat = new StoredOrders(db, clock, 'wechat', wechatOrderSchema);
    const alipay = new StoredOrders(db, clock, 'alipay', alipayRecordSchema);
    const stripe = new StoredOrders(db, clock, 'stripe', stripeOrderSchema);
    const accounts = (provider: string): StoredAccounts => new StoredAccounts(db, clock, provider);
    return [
      this.wechat.adapter({}, { clock, orders: wechat, accounts: accounts('wechat') }),
      this.alipay.adapter({}, { clock, orders: alipay, accounts: accounts('alipay') }),
      this.stripe.adapter({}, { clock, orders: stripe, accounts: accounts('stripe') }),
      new WalletProvider({ db, clock, config: { openMinMinor: 1 } }),
    ];
  }

  /** So many members with an account at each provider; a few are suspended, a few have hardly any money. */
  async enrol(db: Db, clock: Clock, countOfEach: number): Promise<void> {
    for (let i = 0; i < countOfEach * payerKinds.length; i++) {
      const provider = payerKinds[i % payerKinds.length] ?? 'fake';
      const memberId = `M${2001 + i}`;
      const standing = i % 29 === 28 ? 'suspended' : 'active';
      const base = { memberId, display: `${memberId.slice(-2)}*`, phoneLastDigits: null, note: '' };
      const verifiedAtMs = clock.nowMs();
      await db.insert(member).values({ ...base, provider, standing, owedElsewhereMinor: 0, verifiedAtMs });
      const account = this.#accountOf(memberId, provider);
      this.all.push({ memberId, provider, account });
      if (provider === walletName) {
        const purseMinor = i % 3 === 0 ? lightPurseMinor : fullPurseMinor;
        await fundWallet({ db, clock }, memberId, purseMinor);
      } else if (provider !== 'fake') {
        const known = provider === 'stripe' ? await this.stripe.accounts.find(memberId) : null;
        const row = { memberId, account: known?.account ?? account, agreement: 'valid' } as const;
        await new StoredAccounts(db, clock, provider).put(row);
      }
    }
  }

  #accountOf(memberId: string, provider: PayerKind): string {
    if (provider === 'wechat') return this.wechat.openidOf(memberId);
    if (provider === 'alipay') return this.alipay.agree(memberId);
    if (provider !== 'stripe') return memberId;
    this.stripe.saveCard(memberId, memberId);
    return `cus_${memberId}`;
  }

  /** What the pages of a provider with a server say that it has debited of an order, minor units; 0: nothing. */
  debitedAt(provider: string, orderId: string): number {
    const book = this.#rigs[['wechat', 'alipay', 'stripe'].indexOf(provider)]?.server.book;
    return book?.movedMinor(orderId) ?? 0;
  }

  /** Something goes wrong at a provider, for a while; the next time all is well there again. */
  trouble(): void {
    this.heal();
    const all = [...this.#wechatTroubles(), ...this.#alipayTroubles(), ...this.#stripeTroubles()];
    this.#random.shuffled(all)[0]?.();
  }

  /** Some who have an account there. */
  #someOf(provider: PayerKind): Payer[] {
    return this.#random.shuffled(this.all.filter((one) => one.provider === provider)).slice(0, poorCount);
  }

  #wechatTroubles(): (() => void)[] {
    const { faults } = this.wechat.server;
    const times = this.#random.between(1, 3);
    return [
      () => faults.next('any', { kind: 'answer_lost' }, times),
      () => faults.next('any', { kind: 'drop' }, times),
      () => faults.next('any', { kind: 'code', code: 'FREQUENCY_LIMITED' }, times),
      () => faults.next('any', { kind: 'code_after', code: 'SYSTEM_ERROR' }, times),
      () => faults.next('any', { kind: 'maintenance' }, times),
      () => faults.next('any', { kind: 'altered' }, times),
      () => void (faults.invisibleMs = invisibleMs),
      () => void (faults.debitAfterMs = debitAfterMs),
      () => this.#someOf('wechat').forEach(({ account }) => faults.poor.add(account)),
    ];
  }

  #alipayTroubles(): (() => void)[] {
    const { faults } = this.alipay.server;
    const times = this.#random.between(1, 3);
    return [
      () => faults.next('any', { kind: 'answer_lost' }, times),
      () => faults.next('any', { kind: 'drop' }, times),
      () => faults.next('any', { kind: 'page', status: 429 }, times),
      () => faults.next('any', { kind: 'code_after', code: '20000' }, times),
      () => faults.next('any', { kind: 'page', status: 200 }, times),
      () => faults.next('any', { kind: 'unsigned' }, times),
      () => void (faults.invisibleMs = invisibleMs),
      () => void (faults.debitAfterMs = debitAfterMs),
      () => this.#someOf('alipay').forEach(({ account }) => faults.poor.add(account)),
    ];
  }

  #stripeTroubles(): (() => void)[] {
    const { faults } = this.stripe.server;
    const times = this.#random.between(1, 3);
    const code = this.#random.shuffled(cardDeclines)[0] ?? 'card_declined';
    return [
      () => faults.next('any', { kind: 'answer_lost' }, times),
      () => faults.next('any', { kind: 'drop' }, times),
      () => faults.next('any', { kind: 'error', status: 429 }, times),
      () => faults.next('any', { kind: 'error', status: 500, isDone: true }, times),
      () => faults.next('any', { kind: 'page', status: 502 }, times),
      () => void (faults.canIncrement = false),
      () => void (faults.searchLagMs = 60_000),
      () => this.#someOf('stripe').forEach(({ memberId }) => faults.declines.set(`pm_${memberId}`, { code })),
    ];
  }

  /** All is well at all of them. */
  heal(): void {
    for (const rig of this.#rigs) rig.server.faults.clear();
  }

  /** What was paid back arrives: until then its provider says that it is on its way. */
  refundsArrive(): void {
    const isBack = ({ amountMinor }: { readonly amountMinor: number }): boolean => amountMinor < 0;
    const { book: wechat } = this.wechat.server;
    for (const { no } of wechat.movements.filter(isBack))
      wechat.setRefund(`${no.split('*')[0]}R1`, 'SUCCESS');
    const { book: stripe } = this.stripe.server;
    for (const { orderId } of stripe.movements.filter(isBack)) stripe.setRefunds(orderId, 'succeeded');
  }

  /** Notices of each provider about some debit of theirs, as they would be signed now: they come late, twice and in any order. */
  notices(): ProviderNotice[] {
    const some = <T extends { readonly amountMinor: number }>(movements: readonly T[]): T[] =>
      this.#random
        .shuffled(movements.filter(({ amountMinor }) => amountMinor > 0).slice(-noticedMax))
        .slice(0, 2);
    const wechat = some(this.wechat.server.book.movements);
    const alipay = some(this.alipay.server.book.movements);
    const stripe = some(this.stripe.server.book.movements);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    return [
      ...wechat.map(({ no }) => ({ provider: 'wechat' as const, ...this.wechat.server.paid(no) })),
      ...alipay.map(({ outOrderNo }) => {
        return {
          provider: 'alipay' as const,
          headers: form,
          body: this.alipay.server.tradeNotice(outOrderNo),
        };
      }),
      ...stripe.map(({ orderId }) => ({ provider: 'stripe' as const, ...this.stripe.eventOf(orderId) })),
    ];
  }

  /** Somebody who owes pays on the page to which the code on the screen leads. False: there is none, or it takes nothing. */
  async payByLink(db: Db, pageOf: (path: string) => Promise<string | null>): Promise<boolean> {
    const isOwed = and(eq(charge.state, 'collecting'), eq(charge.provider, 'stripe'));
    const { chargeId, memberId } = charge;
    const owed = await db.select({ chargeId, memberId }).from(charge).where(isOwed).orderBy(chargeId);
    const [debt] = this.#random.shuffled(owed);
    if (debt === undefined) return false;
    const url = await pageOf(`/${payPagePath('stripe', debt.chargeId)}`);
    if (url === null || !this.stripe.server.sessions.pay(url)) return false;
    const whose = this.all.find((one) => one.memberId === debt.memberId);
    if (whose !== undefined) this.linkPayers.set(debt.chargeId, whose.account);
    return true;
  }

  /** A payer's bank takes back what was paid lately by card, or gives again what it had taken. */
  disputeCard(atMs: number): void {
    const isGiven = (orderId: string): boolean =>
      this.chargebacks.some((one) => one.orderId === orderId && one.kind === 'chargeback_reversed');
    const taken = this.chargebacks.filter((one) => one.kind === 'chargeback' && !isGiven(one.orderId));
    const [won] = this.#random.chance(givenAgainChance) ? this.#random.shuffled(taken) : [];
    const ref = `D${this.chargebacks.length}`;
    if (won !== undefined) {
      this.chargebacks.push({ ...won, ref, kind: 'chargeback_reversed', atMs });
      return;
    }
    const isKnown = (orderId: string): boolean => this.chargebacks.some((one) => one.orderId === orderId);
    const [paid] = this.#random.shuffled(
      this.stripe.server.book.movements
        .slice(-noticedMax)
        .filter(({ orderId, amountMinor }) => amountMinor > 0 && !isKnown(orderId)),
    );
    if (paid === undefined) return;
    const { orderId, amountMinor } = paid;
    this.chargebacks.push({ kind: 'chargeback', orderId, ref, amountMinor, currency: 'CNY', atMs });
  }

  /** Somebody pays into a wallet. */
  async topUp(db: Db, clock: Clock): Promise<void> {
    const [payer] = this.#random.shuffled(this.all.filter(({ provider }) => provider === walletName));
    if (payer === undefined) return;
    const reference = `T-${++this.#topUpCount}`;
    const money = { currency: 'CNY', amountMinor: topUpMinor, reference, actor: 'desk' } as const;
    await topUpWallet({ db, clock }, payer.memberId, money);
  }
}
