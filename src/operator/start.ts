import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../shared/clock.ts';
import { systemClock } from '../shared/clock.ts';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import { buildOperator } from './http/app.ts';
import type { CatalogFailure } from './fleet/catalog.ts';
import { loadCatalog } from './fleet/catalog.ts';
import { QrSignIn } from './visits/qr-sign-in.ts';
import { DebitWorker } from './debits/debit-worker.ts';
import { buildDevelopmentApi, payPath } from './http/development-api.ts';
import { FakeProvider } from './providers/fake-provider.ts';
import { FaultInjector } from './http/fault-injector.ts';
import type { KeyFailure } from './members/member-code-keys.ts';
import { loadMemberCodeKeys, makeMemberCodeKeys } from './members/member-code-keys.ts';
import type { Policy } from './limits.ts';
import { defaultPolicy } from './limits.ts';
import type { Log } from './log.ts';
import { silentLog } from './log.ts';
import { seedMembers } from './members/sample-members.ts';
import type { StorageFailure } from './storage/storage.ts';
import { openStorage } from './storage/storage.ts';

export interface StartOptions {
  /** 0: any free port. */
  readonly port?: number;
  readonly host?: string;
  readonly dataDir?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly catalogFile?: string | undefined;
  /** Starts the development API on a loopback port of its own. */
  readonly dev?: boolean;
  readonly clock?: Clock;
  readonly policy?: Policy;
  readonly random?: () => number;
  readonly log?: Log;
}

export interface RunningOperator {
  readonly api: string;
  readonly dev: string | null;
  readonly storage: 'pglite' | 'postgres';
  readonly close: () => Promise<void>;
}

export type StartFailure = StorageFailure | CatalogFailure | KeyFailure | Failure<'cannot_listen'>;

const sampleCatalogFile = fileURLToPath(
  new URL('../../resources/catalog/sample-catalog.json', import.meta.url),
);
const loopback = '127.0.0.1';

/** Starts the whole service. The provider is the fake one until real adapters exist. */
export async function startOperator(
  options: StartOptions = {},
): Promise<Result<RunningOperator, StartFailure>> {
  const { clock = systemClock, log = silentLog, dataDir, databaseUrl, dev = false } = options;
  const catalog = loadCatalog(options.catalogFile ?? sampleCatalogFile);
  if (!catalog.ok) return catalog;
  const storage = await openStorage({ databaseUrl, dataDir, log });
  if (!storage.ok) return storage;
  const { db, kind } = storage.value;
  const keys =
    dataDir === undefined
      ? ok(makeMemberCodeKeys())
      : loadMemberCodeKeys(join(dataDir, 'member-code-key.pem'));
  if (!keys.ok) {
    await storage.value.close();
    return keys;
  }
  const provider = new FakeProvider({ db, clock });
  const worker = new DebitWorker({ db, clock, provider, random: options.random ?? Math.random, log });
  const faults = new FaultInjector(clock);
  const qrSignIn = new QrSignIn({ db, clock, memberCodeKeys: keys.value });
  const parts = { db, clock, worker, qrSignIn, memberCodeKeys: keys.value };
  const app = buildOperator({
    ...parts,
    payUrl: (chargeId) => provider.payUrl(chargeId),
    ...{
      catalog: catalog.value,
      policy: options.policy ?? defaultPolicy,
      log,
      faults: dev ? faults : undefined,
    },
  });
  const devApp = dev ? buildDevelopmentApi({ ...parts, provider, faults }) : null;
  const close = async (): Promise<void> => {
    await Promise.all([app.close(), devApp?.close()]);
    await worker.stop();
    await storage.value.close();
  };
  try {
    if (dev) await seedMembers(db);
    const api = await app.listen({ port: options.port ?? 0, host: options.host ?? loopback });
    const devUrl = devApp === null ? null : await devApp.listen({ port: 0, host: loopback });
    if (devUrl !== null) provider.takePaymentsAt(`${devUrl}${payPath}`);
    worker.start();
    return ok({ api, dev: devUrl, storage: kind, close });
  } catch (error) {
    await close();
    return fail('cannot_listen', String(error));
  }
}
