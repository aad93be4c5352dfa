import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { SenderFailure } from '../operator/sender.ts';
import { type ChargeClient, ChargeQueue, type ChargeQueueOptions } from './charge-queue.ts';
import type { ChargeStore } from './charge-store.ts';
import { ClosingQueue, type ClosingQueueOptions } from './closing-queue.ts';
import { DisputeQueue, type DisputeQueueOptions } from './dispute-queue.ts';
import type { DisputeStore } from './dispute-store.ts';

type QueueName = 'charge' | 'dispute' | 'closing';

/** A queue that the database stopped is started again after this. */
const restartAfterMs = 2_000;
/** One that a bug stopped waits twice as long each time, up to this; one that has run for so long begins anew. */
const restartMaxMs = 10 * 60_000;

export interface DeliveryQueuesOptions {
  readonly charges: ChargeStore;
  readonly disputes: DisputeStore;
  readonly closings: ClosingQueueOptions['store'];
  readonly client: ChargeClient & DisputeQueueOptions['client'] & ClosingQueueOptions['client'];
  readonly link: ChargeQueueOptions['link'];
  /** Of operating time (main/operating-clock.ts). */
  readonly clock: Clock;
  readonly random: Random;
  /** Tells staff what the operator does not take. */
  readonly tellStaff?: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * The delivery of charges, of disputes and of closing reports to the operator, started and stopped together. A queue stops by itself when the
 * database does not take what it has to write, or by a bug that is not of one charge or dispute (such a one is put aside);
 * it is started again until it runs.
 */
export class DeliveryQueues {
  readonly #clock: Clock;
  readonly #charges: ChargeQueue;
  readonly #disputes: DisputeQueue;
  readonly #closings: ClosingQueue;
  readonly #chargeListeners: Listeners<ChargeId>;
  readonly #canPersistListeners: Listeners;
  readonly #tellStaff: (detail: string) => void;
  /** How often in a row a bug has stopped a queue, and when (monotonic). */
  readonly #bugs = new Map<QueueName, { readonly count: number; readonly atMs: number }>();
  #isStarted = false;

  constructor(options: DeliveryQueuesOptions) {
    const { clock, link, logger, client, tellStaff = () => undefined } = options;
    const random = (): number => options.random.unit();
    const common = { client, link, clock, logger, random, tellStaff };
    this.#clock = clock;
    this.#tellStaff = tellStaff;
    this.#chargeListeners = new Listeners(clock);
    this.#canPersistListeners = new Listeners(clock);
    const charges: ChargeQueue = new ChargeQueue({
      ...common,
      store: options.charges,
      disputes: options.disputes,
      onChange: (chargeId) => this.#chargeListeners.emit(chargeId),
      onDisputesDue: () => disputes.wake(),
      onStopped: (failure) => this.#restart('charge', charges, failure),
    });
    const disputes: DisputeQueue = new DisputeQueue({
      ...common,
      store: options.disputes,
      onDone: (chargeId) => {
        // A charge that waited for its dispute may go now; and of one that was refused the screen says so.
        charges.wake();
        this.#chargeListeners.emit(chargeId);
      },
      onStopped: (failure) => this.#restart('dispute', disputes, failure),
    });
    this.#charges = charges;
    this.#disputes = disputes;
    const closings: ClosingQueue = new ClosingQueue({
      ...common,
      store: options.closings,
      onStopped: (failure) => this.#restart('closing', closings, failure),
    });
    this.#closings = closings;
  }

  /** False while a queue of money has stopped by itself, so that nothing is delivered: nothing more may be sold on credit. */
  get canPersist(): boolean {
    return !this.#isStarted || (this.#charges.running && this.#disputes.running);
  }
  /** A charge is on its way to the operator at this moment. */
  get isSending(): boolean {
    return this.#charges.isSending;
  }

  /** Calls the listener when the state or the reason of a charge, or what became of a report, may have changed. Returns the way to stop that. */
  onChargeChanged(listener: (chargeId: ChargeId) => void): () => void {
    return this.#chargeListeners.add(listener);
  }
  /** Calls the listener when `canPersist` may have changed. Returns the way to stop that. */
  onCanPersistChanged(listener: () => void): () => void {
    return this.#canPersistListeners.add(listener);
  }

  start(): void {
    this.#isStarted = true;
    this.#charges.start();
    this.#disputes.start();
    this.#closings.start();
  }

  /** Resolves when the outcome of what was under way is on the disk. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    await Promise.all([this.#charges.stop(), this.#disputes.stop(), this.#closings.stop()]);
  }

  /** A charge has just been committed: send it. */
  wakeCharges(): void {
    this.#charges.wake();
  }
  /** A visit has just ended: tell how. */
  wakeClosings(): void {
    this.#closings.wake();
  }
  /** A dispute has just been committed: send it. */
  wakeDisputes(): void {
    this.#disputes.wake();
  }

  #restart(name: QueueName, queue: ChargeQueue | DisputeQueue | ClosingQueue, { code }: SenderFailure): void {
    this.#canPersistListeners.emit();
    this.#clock.after(code === 'queue.bug' ? this.#afterBugMs(name) : restartAfterMs, () => {
      if (!this.#isStarted) return;
      queue.start();
      this.#canPersistListeners.emit();
    });
  }

  /** How long the queue that a bug has just stopped is left alone, ms. Staff is told when it is the first in a row. */
  #afterBugMs(name: QueueName): number {
    const atMs = this.#clock.monotonicMs();
    const before = this.#bugs.get(name);
    const isInARow = before !== undefined && atMs - before.atMs < 2 * restartMaxMs;
    const count = isInARow ? before.count + 1 : 0;
    this.#bugs.set(name, { count, atMs });
    if (!isInARow) this.#tellStaff(`${name}_delivery_stopped`);
    return backoffMs({
      failureCount: count,
      firstMs: restartAfterMs,
      capMs: restartMaxMs,
      jitterShare: 0,
      random01: 0,
    });
  }
}
