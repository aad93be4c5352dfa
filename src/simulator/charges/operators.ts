import { type Operator, compose } from '../../operator/compose.ts';
import { recordPrices } from '../../operator/fleet/catalog-prices.ts';
import { putPromotions } from '../../operator/fleet/promotions.ts';
import type { ServedCatalog } from '../../operator/fleet/catalog.ts';
import { serveCatalog } from '../../operator/fleet/catalog.ts';
import { defaultPolicy } from '../../operator/limits.ts';
import { makeMemberCodeKeys } from '../../operator/members/member-code-keys.ts';
import type { Provider } from '../../operator/providers/provider.ts';
import type { Db, Storage } from '../../operator/storage/storage.ts';
import type { HttpRequest, HttpResponse } from '../../main/operator/http-transport.ts';
import { SeededRandom } from '../../shared/random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { KillableClock } from '../../testkit/killable-clock.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { MemoryServer } from '../system/memory-network.ts';
import { billSources } from './bills.ts';
import { Gate } from './gate.ts';
import { offers, offersTimeZone } from './offers.ts';
import type { InHand } from './in-hand.ts';
import type { Payers, ProviderNotice } from './payers.ts';
import type { WorldClock } from './world-clock.ts';

/** Hundreds of purchases at a few cabinets within hours: nobody is there who decides about a day's sum of a cabinet. */
export const policy = { ...defaultPolicy, cabinetDayMaxMinor: 1e9, memberDayMaxMinor: 1e9 };
export const servedSample = (): ServedCatalog => unwrap(serveCatalog(loadSampleCatalog(), 'sample'));
export const instanceCount = 2;
/** After its end an instance is away for so long, ms. */
const darkMinMs = 500;
const darkMaxMs = 15_000;

export interface OperatorsOptions {
  readonly storage: Storage;
  /** The same, for what no instance asks. */
  readonly db: Db;
  readonly clock: WorldClock;
  readonly inHand: InHand;
  readonly payers: Payers;
  readonly seed: number;
}

interface Instance {
  readonly number: number;
  readonly operator: Operator;
  readonly server: MemoryServer;
  readonly gate: Gate;
  readonly clock: KillableClock;
}

/** The operator's service: some programs without any state of their own on one database. Each may die at any question to it. */
export class Operators {
  readonly memberCodeKeys = makeMemberCodeKeys();
  readonly #o: OperatorsOptions;
  readonly #random: SeededRandom;
  readonly #instances: (Instance | null)[] = [];
  killCount = 0;
  #isStopped = false;

  constructor(options: OperatorsOptions) {
    this.#o = options;
    this.#random = new SeededRandom(options.seed);
  }

  async start(): Promise<void> {
    const { db, clock } = this.#o;
    await recordPrices(db, clock, loadSampleCatalog(), true);
    const { currency } = loadSampleCatalog();
    await putPromotions(db, clock, 'anna', { promotions: offers, currency, timeZone: offersTimeZone });
    for (let i = 0; i < instanceCount; i++) this.#startOne(i);
  }

  #startOne(number: number): void {
    if (this.#isStopped) return;
    if (this.#instances[number] != null) return;
    const { storage, inHand, payers } = this.#o;
    const clock = new KillableClock(this.#o.clock);
    const gate = new Gate(storage, inHand, () => this.kill(number));
    const operator = compose({
      db: gate.db,
      clock,
      logger: silentLogger,
      random: new SeededRandom(this.#random.between(1, 2 ** 31)),
      catalog: servedSample(),
      memberCodeKeys: this.memberCodeKeys,
      policy,
      isEmbedded: storage.kind === 'pglite',
      billSources: billSources(gate.db, payers),
      realProviders: payers.adapters(gate.db, clock),
      wrapProvider: (provider) => this.#lying(provider),
    });
    // Before it is ready: it adds a hook.
    const server = new MemoryServer(operator.api);
    operator.start();
    this.#instances[number] = { number, operator, server, gate, clock };
  }

  /** SIGKILL; its supervisor starts it again after so long. */
  kill(number: number, darkMs = this.#random.between(darkMinMs, darkMaxMs)): void {
    const instance = this.#instances[number];
    if (instance == null) return;
    this.#instances[number] = null;
    this.killCount++;
    instance.gate.shut();
    instance.clock.kill();
    this.#o.clock.after(darkMs, () => this.#startOne(number));
  }
  /** It dies with one of its next questions to the database. */
  killSoon(number: number): void {
    this.#instances[number]?.gate.dieAfter(this.#random.between(0, 40), this.#random.chance(0.5));
  }
  /** The end of all of them: what is under way ends first. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#instances.map(async (instance) => instance?.operator.stop()));
    await Promise.all(this.#instances.map(async (instance) => instance?.gate.close()));
  }

  /** By whichever of them the balancer takes. Null: none runs. What dies meanwhile answers nobody. */
  serve(request: HttpRequest, unit: number): { answer: Promise<HttpResponse>; kill: () => void } | null {
    const [...all] = this.#instances.filter((instance) => instance != null);
    const instance = all[Math.floor(unit * all.length)];
    if (instance === undefined) return null;
    const { number, gate } = instance;
    const { answer } = instance.server.exchange(request);
    const alive = answer.then((response) => {
      const isAlive = this.#instances[number]?.gate === gate;
      return response === null || !isAlive ? new Promise<HttpResponse>(() => undefined) : response;
    });
    return { answer: alive, kill: () => this.kill(number) };
  }

  /** Whichever of them runs looks at once what is to be debited. */
  wake(): void {
    this.#instances.find((one) => one != null)?.operator.worker.wake();
  }

  /** A provider sends something by itself, to whichever of them the balancer takes. */
  async notify({ provider, headers, body }: ProviderNotice): Promise<void> {
    const [instance] = this.#random.shuffled(this.#instances.filter((one) => one != null));
    const url = `/v1/notices/${provider}`;
    await instance?.operator.noticeApi.inject({ method: 'POST', url, headers, payload: body });
  }

  /** A phone looks at a page of theirs. Gives where it leads on; null: nowhere. */
  async pageOf(path: string): Promise<string | null> {
    const [instance] = this.#random.shuffled(this.#instances.filter((one) => one != null));
    const answer = await instance?.operator.noticeApi.inject({ method: 'GET', url: path });
    const { location } = answer?.headers ?? {};
    return answer?.statusCode === 303 && typeof location === 'string' ? location : null;
  }

  /** The fake provider, too, loses answers after it has debited, and is not there at times. */
  #lying(provider: Provider): Provider {
    const random = this.#random;
    const debit: Provider['debit'] = async (request) => {
      const unit = random.unit();
      if (unit < 0.02) return { kind: 'not_sent', message: 'connection refused' };
      if (unit < 0.04) return { kind: 'declined', reason: 'account.insufficient_funds' };
      const outcome = await provider.debit(request);
      return unit < 0.1 ? { kind: 'unknown', message: 'the answer is lost' } : outcome;
    };
    const query: Provider['query'] = async (orderId) =>
      random.chance(0.05) ? { kind: 'unknown', message: 'the answer is lost' } : provider.query(orderId);
    return new Proxy(provider, {
      get: (target, name): unknown => {
        if (name === 'debit') return debit;
        if (name === 'query') return query;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }
}
