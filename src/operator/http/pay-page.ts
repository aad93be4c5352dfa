import { and, eq } from 'drizzle-orm';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { isDebt } from '../debits/debit-life.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import { bookIfPaid } from '../debits/payment-look.ts';
import { payPagesOfAddress, providerTimeoutMs } from '../limits.ts';
import { payPagePath } from '../providers/pay-page-path.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { originOf } from './origin.ts';
import { RateLimit } from './rate-limit.ts';

export interface PayPageOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  readonly worker: Pick<DebitWorker, 'wake' | 'payment'>;
}

/** What a phone reads where it is not led on. */
type Told = 'paid' | 'wait' | 'nothing';

const pages: Readonly<Record<Told, { readonly status: number; readonly zh: string; readonly en: string }>> = {
  paid: { status: 200, zh: '这一笔已付清，谢谢。', en: 'This is paid. Thank you.' },
  wait: {
    status: 503,
    zh: '这一笔正在核对，请过一分钟再扫一次。现在不用付款。',
    en: 'This is being checked. Please scan again in a minute, and do not pay now.',
  },
  nothing: { status: 404, zh: '这里没有要付的。', en: 'There is nothing to pay here.' },
};

/**
 * The page behind the QR of "pay now": whoever scans it is led to a page of the provider that takes this one debt. What is
 * with the provider already is asked for first, and the page is made under the charge's lease, so that no debit of ours is
 * under way beside it. Whoever has the address may pay; it has the charge's number in it (80 random bits), and nothing of the
 * member is shown.
 */
export function installPayPage(app: FastifyInstance, options: PayPageOptions): void {
  const { db, clock, providers, worker } = options;
  const asked = new RateLimit(clock, payPagesOfAddress);
  type Params = { provider: string; orderId: string };
  app.get<{ Params: Params }>(`/${payPagePath(':provider', ':orderId')}`, async (request, reply) => {
    const { address } = originOf(request.ip);
    const waitS = asked.waitS(address);
    if (waitS > 0) return reply.code(429).header('retry-after', String(waitS)).send();
    asked.take(address);
    const { orderId } = request.params;
    const provider = providers.findReal(request.params.provider);
    const links = provider?.payLinks;
    if (provider === null || links === undefined) return tell(reply, 'nothing');
    const isOurs = and(eq(charge.chargeId, orderId), eq(charge.provider, provider.name));
    const read = async () => (await db.select().from(charge).where(isOurs))[0];
    const row = await read();
    if (row === undefined) return tell(reply, 'nothing');
    // Whoever comes back from the provider's page reads that it is paid, though no notice has come yet.
    if (isDebt(row) && (await bookIfPaid(db, clock, provider, orderId))) worker.wake();
    const now = (await read()) ?? row;
    if (!isDebt(now)) return tell(reply, now.state === 'paid' ? 'paid' : 'nothing');
    if (!now.inDoubt) await worker.payment(orderId, (order) => links.offer(order));
    const url = await withTimeout(clock, providerTimeoutMs, links.urlOf(orderId));
    // Made for nobody who has not been told so: the worker may have heard meanwhile that it is paid.
    if (url.ok && url.value !== null) return reply.redirect(url.value, 303);
    return tell(reply, (await read())?.state === 'paid' ? 'paid' : 'wait');
  });
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
