import { and, eq } from 'drizzle-orm';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { chargeIdSchema } from '../../shared/ids.schema.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { isDebt } from '../debits/debit-life.ts';
import type { ChargeRow } from '../debits/debit-store.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import { bookIfPaid } from '../debits/payment-look.ts';
import {
  payGuessesOfAddress,
  payLookupsMax,
  payLookupsWaitMax,
  payPageKeptMs,
  payPagesKeptMax,
  paySearchesOfCharge,
  providerTimeoutMs,
} from '../limits.ts';
import { payPagePath, signedPagePath } from '../providers/pay-page-path.ts';
import type { PayLinks, RealProvider } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { originOf, sharedAddresses } from './origin.ts';
import { RateLimit } from './rate-limit.ts';
import { Turns } from './turns.ts';

export interface PayPageOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  readonly worker: Pick<DebitWorker, 'wake' | 'payment'>;
  /** See Connections. */
  readonly proxyAddresses?: readonly string[] | undefined;
}

/** What a phone reads where it is not led on. */
type Told = 'paid' | 'wait' | 'nothing' | 'signed';

const pages: Readonly<Record<Told, { readonly status: number; readonly zh: string; readonly en: string }>> = {
  paid: { status: 200, zh: '这一笔已付清，谢谢。', en: 'This is paid. Thank you.' },
  wait: {
    status: 503,
    zh: '这一笔正在核对，请过一分钟再扫一次。现在不用付款。',
    en: 'This is being checked. Please scan again in a minute, and do not pay now.',
  },
  signed: {
    status: 200,
    zh: '已提交，一会儿就能开门购物。可以关闭此页。',
    en: 'Received: in a moment you can shop. You may close this page.',
  },
  nothing: { status: 404, zh: '这里没有要付的。', en: 'There is nothing to pay here.' },
};

/** What comes of a scan: an address to be led to, or what is told; `again`: after so many seconds. */
type Shown = { readonly url: string } | { readonly told: Told } | { readonly again: number };

/**
 * The page behind the QR of "pay now": whoever scans it is led to a page of the provider that takes this one debt. What is
 * with the provider already is asked for first, and the page is made under the charge's lease, so that no debit of ours is
 * under way beside it. Whoever has the address may pay; it has the charge's number in it (80 random bits), and nothing of the
 * member is shown. `onProven`: the number is a charge's.
 */
export function installPayPage(
  app: FastifyInstance,
  options: PayPageOptions,
  onProven: (socket: Socket) => void,
): void {
  const page = new PayPage(options);
  // Where a member is led who has agreed at the provider: what came of it, the provider says.
  app.get(`/${signedPagePath}`, (_request, reply) => tell(reply, 'signed'));
  type Params = { provider: string; orderId: string };
  app.get<{ Params: Params }>(`/${payPagePath(':provider', ':orderId')}`, async (request, reply) => {
    const { address } = originOf(request.ip);
    const { provider, orderId } = request.params;
    const shown = await page.show({ address, provider, orderId }, () => onProven(request.raw.socket));
    if ('again' in shown) return reply.code(429).header('retry-after', String(shown.again)).send();
    return 'url' in shown ? reply.redirect(shown.url, 303) : tell(reply, shown.told);
  });
}

/**
 * However many scan one debt, its provider is asked so often at most; and nobody is refused for what others do, but behind the
 * same address of their own: whoever guesses numbers there is.
 */
class PayPage {
  readonly #o: PayPageOptions;
  readonly #isShared: (address: string) => boolean;
  readonly #guesses: RateLimit;
  readonly #searches: RateLimit;
  readonly #lookups = new Turns({ max: payLookupsMax, waitMax: payLookupsWaitMax });
  /** By charge: those under way, and where the last ones have led to (monotonic, ms), the oldest first. */
  readonly #running = new Map<string, Promise<Shown>>();
  readonly #ledTo = new Map<string, { readonly url: string; readonly atMs: number }>();

  constructor(options: PayPageOptions) {
    this.#o = options;
    this.#isShared = sharedAddresses(options.proxyAddresses ?? []);
    this.#guesses = new RateLimit(options.clock, payGuessesOfAddress);
    this.#searches = new RateLimit(options.clock, paySearchesOfCharge);
  }

  async show(
    { address, ...named }: { readonly address: string; readonly provider: string; readonly orderId: string },
    onProven: () => void,
  ): Promise<Shown> {
    const waitS = this.#isShared(address) ? 0 : this.#guesses.waitS(address);
    if (waitS > 0) return { again: waitS };
    const provider = this.#o.providers.findReal(named.provider);
    const links = provider?.payLinks;
    const chargeId = chargeIdSchema.safeParse(named.orderId).data;
    const isOne = provider !== null && links !== undefined && chargeId !== undefined;
    const looked = isOne ? await this.#lookups.take(() => this.#read(provider.name, chargeId)) : undefined;
    if (looked === null) return { told: 'wait' };
    const row = looked?.value;
    if (!isOne || row === undefined) {
      this.#guesses.take(address);
      return { told: 'nothing' };
    }
    onProven();
    if (!isDebt(row)) return { told: row.state === 'paid' ? 'paid' : 'nothing' };
    return this.#once(chargeId, () => this.#lead(provider, links, row));
  }

  async #read(provider: string, chargeId: string): Promise<ChargeRow | undefined> {
    const isOurs = and(eq(charge.chargeId, chargeId), eq(charge.provider, provider));
    return (await this.#o.db.select().from(charge).where(isOurs))[0];
  }

  /** All who scan one debt at the same time are told the same; who comes after many others, as the last of them. */
  async #once(chargeId: string, lead: () => Promise<Shown>): Promise<Shown> {
    const running = this.#running.get(chargeId);
    if (running !== undefined) return running;
    if (this.#searches.waitS(chargeId) > 0) {
      const last = this.#ledTo.get(chargeId);
      const isFresh = last !== undefined && this.#o.clock.monotonicMs() - last.atMs < payPageKeptMs;
      return isFresh ? { url: last.url } : { told: 'wait' };
    }
    this.#searches.take(chargeId);
    const shown = lead().finally(() => this.#running.delete(chargeId));
    this.#running.set(chargeId, shown);
    this.#remember(chargeId, await shown);
    return shown;
  }

  #remember(chargeId: string, shown: Shown): void {
    this.#ledTo.delete(chargeId);
    if ('url' in shown) this.#ledTo.set(chargeId, { url: shown.url, atMs: this.#o.clock.monotonicMs() });
    const [oldest] = this.#ledTo.keys();
    if (this.#ledTo.size > payPagesKeptMax && oldest !== undefined) this.#ledTo.delete(oldest);
  }

  async #lead(
    provider: Pick<RealProvider, 'name' | 'query'>,
    links: PayLinks,
    row: ChargeRow,
  ): Promise<Shown> {
    const { db, clock, worker } = this.#o;
    const { name } = provider;
    const { chargeId } = row;
    // Whoever comes back from the provider's page reads that it is paid, though no notice has come yet.
    if (await bookIfPaid(db, clock, provider, chargeId)) worker.wake();
    const now = (await this.#read(name, chargeId)) ?? row;
    if (!isDebt(now)) return { told: now.state === 'paid' ? 'paid' : 'nothing' };
    if (!now.inDoubt) await worker.payment(chargeId, (order) => links.offer(order));
    const url = await withTimeout(clock, providerTimeoutMs, links.urlOf(chargeId));
    // Made for nobody who has not been told so: the worker may have heard meanwhile that it is paid.
    if (url.ok && url.value !== null) return { url: url.value };
    return { told: (await this.#read(name, chargeId))?.state === 'paid' ? 'paid' : 'wait' };
  }
}

function tell(reply: FastifyReply, told: Told): FastifyReply {
  const { status, zh, en } = pages[told];
  return reply
    .code(status)
    .headers({ 'content-security-policy': "default-src 'none'", 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="zh"><meta name="viewport" content="width=device-width">` +
        `<title>开门 Kaimen</title><h1>${zh}</h1><p lang="en">${en}</p></html>`,
    );
}
