import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { recordNotice } from '../debits/debit-store.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import {
  failedNoticesOfAddress,
  noticeBodyMaxBytes,
  noticeConnectionsMax,
  noticeConnectionsOpen,
} from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { SignUps } from '../members/sign-ups.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { NoticeOutcome, RealProvider } from '../providers/provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Db } from '../storage/storage.ts';
import { boundedServer } from './bounded-server.ts';
import { Connections } from './connections.ts';
import { answerWithoutWords } from './errors.ts';
import { originOf, sharedAddresses } from './origin.ts';
import type { PhoneOptions } from '../phone/phone-api.ts';
import { installPhone } from '../phone/phone-api.ts';
import { installPayPage } from './pay-page.ts';
import { RateLimit } from './rate-limit.ts';

export interface NoticeApiOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly providers: ProviderRegistry;
  readonly worker: Pick<DebitWorker, 'wake' | 'payment'>;
  readonly signUps: Pick<SignUps, 'heard'>;
  readonly metrics: Metrics;
  /** The shopper's page. */
  readonly phone: Omit<PhoneOptions, 'proxyAddresses'>;
  /** See Connections. */
  readonly proxyAddresses?: readonly string[] | undefined;
}

/** Where a provider sends its notices: below the address of this API. */
export const noticePath = '/v1/notices/:provider';

/**
 * Takes what providers send by themselves: that an order was paid, that a member has ended the agreement. On a port of its
 * own, for it is open to the world and cabinets have no business there. A notice counts only when it is signed by its
 * provider, and only for that provider's own charges. What was not taken is answered so, and the provider repeats it; what
 * never comes is found by asking (debit-worker.ts). The page to pay a debt by and the shopper's page are here as well: phones
 * reach this port.
 * What strangers send keeps nobody else out: behind an address that is many people's a notice is proven before it is counted.
 */
export function buildNoticeApi(options: NoticeApiOptions): FastifyInstance {
  const { clock, logger, providers, proxyAddresses = [] } = options;
  const app = boundedServer({ bodyMaxBytes: noticeBodyMaxBytes, connectionsMax: noticeConnectionsMax });
  const connections = new Connections(proxyAddresses, noticeConnectionsOpen);
  app.server.on('connection', (socket: Socket) => connections.opened(socket));
  options.metrics.install(app, 'notices');
  answerWithoutWords(app, logger);
  // The signature covers the exact bytes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  const onProven = (socket: Socket): void => connections.proved(socket);
  installPayPage(app, options, onProven);
  installPhone(app, { ...options.phone, proxyAddresses }, onProven);
  const isShared = sharedAddresses(proxyAddresses);
  const failed = new RateLimit(clock, failedNoticesOfAddress);
  app.post<{ Params: { provider: string } }>(noticePath, async (request, reply) => {
    const provider = providers.findReal(request.params.provider);
    if (provider === null) return reply.code(404).send();
    const { address } = originOf(request.ip);
    const waitS = failed.waitS(address);
    const tooMany = () => reply.code(429).header('retry-after', String(waitS)).send();
    if (waitS > 0 && !isShared(address)) return tooMany();
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    );
    const outcome = await provider.receive({ headers, body });
    if (outcome.kind !== 'refused') connections.proved(request.raw.socket);
    else if (waitS > 0) return tooMany();
    else {
      failed.take(address);
      logger.warn('notice_refused', { provider: provider.name, message: outcome.message });
    }
    return answer(provider, reply, await take(options, provider, outcome));
  });
  return app;
}

/** False: nothing of it was taken, and it should come again. */
async function take(
  { db, clock, worker, signUps, logger }: NoticeApiOptions,
  { name }: RealProvider,
  outcome: NoticeOutcome,
): Promise<boolean> {
  switch (outcome.kind) {
    case 'refused':
      return false;
    case 'other':
      return true;
    case 'agreement':
      // An account that nobody has here: of a member who has left, or of another operator with the same merchant.
      await new StoredAccounts(db, clock, name).setAgreement(outcome.account, outcome.state, outcome.sinceMs);
      // Debts are asked for anew with an account that has become good.
      worker.wake();
      return true;
    case 'sign_up': {
      const heard = await signUps.heard(name, outcome);
      // Somebody has agreed who is not known by that number: as above.
      if (heard === 'elsewhere' && outcome.outcome !== null)
        await new StoredAccounts(db, clock, name).setAgreement(
          outcome.outcome.account,
          'valid',
          outcome.sinceMs,
        );
      return heard !== 'again';
    }
    case 'order': {
      const isOurs = await recordNotice(db, clock, name, outcome);
      if (isOurs) worker.wake();
      else logger.warn('notice_of_unknown_order', { provider: name, orderId: outcome.orderId });
      return isOurs;
    }
  }
}

function answer(provider: RealProvider, reply: FastifyReply, taken: boolean): FastifyReply {
  const { status, contentType, body } = provider.answerTo(taken);
  return reply.code(status).type(contentType).send(body);
}
