import { FakeClock } from '../../../shared/clock.ts';
import { makeChargeId, makeDisputeId, makeVisitId } from '../../../shared/ids.ts';
import type { ChargeId } from '../../../shared/ids.ts';
import type { ChargeBody } from '../../../shared/model/charge.schema.ts';
import { minor } from '../../../shared/money.ts';
import type { Minor } from '../../../shared/money.ts';
import { ok } from '../../../shared/result.ts';
import type { Result } from '../../../shared/result.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import { NetworkLinkMonitor } from '../../../main/operator/network-link-monitor.ts';
import { OperatorClient } from '../../../main/operator/operator-client.ts';
import { OperatingClock } from '../../../main/operating-clock.ts';
import type { Database } from '../../../main/storage/database.ts';
import { mustOpen } from '../storage/scratch.ts';
import { ChargeQueue } from '../../../main/charges/charge-queue.ts';
import type { HttpTransport } from '../../../main/operator/http-transport.ts';
import type { SenderFailure } from '../../../main/operator/sender.ts';
import { ChargeStore } from '../../../main/charges/charge-store.ts';
import { DisputeQueue } from '../../../main/charges/dispute-queue.ts';
import { DisputeStore } from '../../../main/charges/dispute-store.ts';
import { testLog } from './charge-log.ts';
import { unwrap } from '../../unwrap.ts';

/** mulberry32: a small generator with a seed, so that a run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function assertOk<T>(result: Result<T, { code: string; message: string }>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** A charge from its opening until it is paid, by the clock of now. */
export function sellAndPay(charges: ChargeStore, number: number, nowMs: number): ChargeId {
  const { chargeId, body } = sale(number, 100, nowMs);
  assertOk(charges.open({ ...body, memberDisplay: '王*' }));
  assertOk(charges.finalise(chargeId, body));
  assertOk(charges.markSubmitting(chargeId));
  const { totalMinor } = body;
  assertOk(charges.recordOutcome(chargeId, { type: 'reply', state: 'paid', totalMinor, reason: null }, null));
  return chargeId;
}

/** One run of the program on a database file; a second one on the same file is the time after a crash. */
export class Cabinet {
  readonly db: Database;
  readonly store: ChargeStore;
  readonly queue: ChargeQueue;
  readonly disputes: DisputeStore;
  readonly disputeQueue: DisputeQueue;
  readonly link: NetworkLinkMonitor;
  readonly changed: ChargeId[] = [];
  readonly stopped: SenderFailure[] = [];
  /** What staff was told. */
  readonly told: string[];
  readonly #clock: FakeClock;
  readonly #operatingClock: OperatingClock;
  static #nonceCount = 0;

  constructor(options: {
    path: string;
    clock: FakeClock;
    /** Where requests go. */
    network: HttpTransport;
    /** With the key that the operator knows the cabinet by; a stub asks for none. */
    sign?: (text: string) => string;
    random?: () => number;
    /** Puts something between the queue and the store or the operator. */
    wrap?: <T extends object>(inner: T) => T;
    /** What staff is told is added here: of several runs in one list. */
    told?: string[];
  }) {
    const {
      path,
      clock,
      network,
      sign = () => 'no signature',
      random = () => 0.5,
      wrap = <T extends object>(inner: T): T => inner,
      told = [],
    } = options;
    this.#clock = clock;
    this.told = told;
    const tellStaff = (detail: string): void => void this.told.push(detail);
    this.db = mustOpen(path, clock);
    this.#operatingClock = unwrap(OperatingClock.open({ clock, database: this.db, logger: silentLogger }));
    this.store = new ChargeStore(this.db, testLog(this.db), clock, this.#operatingClock, tellStaff);
    const client = new OperatorClient({
      baseUrl: 'http://operator.test',
      cabinetId: 'CAB-1',
      sign,
      clock,
      randomNonce: () => `nonce-${String(++Cabinet.#nonceCount).padStart(16, '0')}`,
      transport: wrap(network),
    });
    this.link = new NetworkLinkMonitor({ client, clock });
    this.disputes = wrap(new DisputeStore(this.db, testLog(this.db), clock, this.#operatingClock, tellStaff));
    this.queue = new ChargeQueue({
      store: wrap(this.store),
      disputes: this.disputes,
      client,
      link: this.link,
      clock: this.#operatingClock,
      random,
      onChange: (chargeId) => this.changed.push(chargeId),
      onDisputesDue: () => this.disputeQueue.wake(),
      onStopped: (failure) => this.stopped.push(failure),
      tellStaff,
    });
    this.disputeQueue = new DisputeQueue({
      store: this.disputes,
      client,
      link: this.link,
      clock: this.#operatingClock,
      random,
      onDone: (chargeId) => {
        this.queue.wake();
        this.changed.push(chargeId);
      },
      onStopped: (failure) => this.stopped.push(failure),
      tellStaff,
    });
  }

  /** What the receipt does; `number` makes the id. */
  dispute(number: number, chargeId: ChargeId, skus: readonly string[]): boolean {
    const random = new Uint8Array(10);
    new DataView(random.buffer).setUint32(0, number);
    const added = assertOk(this.disputes.add(chargeId, makeDisputeId(this.#clock.nowMs(), random), skus));
    this.disputeQueue.wake();
    return added;
  }

  start(): void {
    this.#operatingClock.start();
    this.link.start();
    this.queue.start();
    this.disputeQueue.start();
  }

  /** A visit that ends with goods for this much. */
  sell(number: number, totalMinor: number): ChargeId {
    return this.sellBody(sale(number, totalMinor, this.#clock.nowMs()).body);
  }

  /** A visit that ends with this bill. */
  sellBody(body: ChargeBody): ChargeId {
    const { chargeId, visitId, memberId, cabinetId, currency } = body;
    assertOk(this.store.open({ chargeId, visitId, memberId, memberDisplay: '王*', cabinetId, currency }));
    assertOk(
      this.db.transaction(() => {
        const done = this.store.finalise(chargeId, body);
        return done.ok ? ok() : done;
      }),
    );
    this.queue.wake();
    return chargeId;
  }

  state(chargeId: ChargeId): string {
    return assertOk(this.store.get(chargeId)).state;
  }

  /** As the end of the program would leave it: nothing is told, nothing is closed. */
  async die(): Promise<void> {
    this.#operatingClock.stop();
    this.link.stop();
    await Promise.all([this.queue.stop(), this.disputeQueue.stop()]);
  }
}

export function sale(
  number: number,
  totalMinor: number,
  nowMs: number,
): { chargeId: ChargeId; body: ChargeBody } {
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(0, number);
  const chargeId = makeChargeId(nowMs, random);
  const unitPriceMinor: Minor = minor(totalMinor);
  const body: ChargeBody = {
    chargeId,
    visitId: makeVisitId(nowMs, random),
    cabinetId: 'CAB-1',
    memberId: `m-${number % 50}`,
    currency: 'CNY',
    lines: [
      {
        sku: 'tea',
        name: { zh: '乌龙茶', en: 'Oolong tea' },
        unitPriceMinor,
        count: 1,
        amountMinor: unitPriceMinor,
      },
    ],
    totalMinor: unitPriceMinor,
    heldLines: [],
    review: [],
    confirmedByShopper: true,
    openedAtMs: nowMs,
    closedAtMs: nowMs + 1,
  };
  return { chargeId, body };
}
