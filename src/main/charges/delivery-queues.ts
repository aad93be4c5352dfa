import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { Restarts, restartAfterMs } from '../operator/restarts.ts';
import type { SenderFailure } from '../operator/sender.ts';
import { type ChargeClient, ChargeQueue, type ChargeQueueOptions } from './charge-queue.ts';
import type { ChargeStore } from './charge-store.ts';
import { ClosingQueue, type ClosingQueueOptions } from './closing-queue.ts';
import { DisputeQueue, type DisputeQueueOptions } from './dispute-queue.ts';
import type { DisputeStore } from './dispute-store.ts';

type QueueName = 'charge' | 'dispute' | 'closing';

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
  readonly #store: Pick<ChargeStore, 'hasten'>;
  readonly #logger: Logger;
  readonly #charges: ChargeQueue;
  readonly #disputes: DisputeQueue;
  readonly #closings: ClosingQueue;
  readonly #chargeListeners: Listeners<ChargeId>;
  readonly #canPersistListeners: Listeners;
  readonly #tellStaff: (detail: string) => void;
  readonly #restarts: readonly Restarts[];
  #isStarted = false;

  constructor(options: DeliveryQueuesOptions) {
    const { clock, link, logger, client, tellStaff = () => undefined } = options;
    const random = (): number => options.random.unit();
    const common = { client, link, clock, logger, random, tellStaff };
    this.#clock = clock;
    this.#store = options.charges;
    this.#logger = logger;
    this.#tellStaff = tellStaff;
    this.#chargeListeners = new Listeners(clock);
    this.#canPersistListeners = new Listeners(clock);
    const ofCharges = this.#restartsOf('charge', () => charges.start());
    const ofDisputes = this.#restartsOf('dispute', () => disputes.start());
    const ofClosings = this.#restartsOf('closing', () => closings.start());
    this.#restarts = [ofCharges, ofDisputes, ofClosings];
    const charges: ChargeQueue = new ChargeQueue({
      ...common,
      store: options.charges,
      disputes: options.disputes,
      onChange: (chargeId) => this.#chargeListeners.emit(chargeId),
      onDisputesDue: () => disputes.wake(),
      onStopped: (failure) => this.#onStopped(ofCharges, failure),
    });
    const disputes: DisputeQueue = new DisputeQueue({
      ...common,
      store: options.disputes,
      onDone: (chargeId) => {
        // A charge that waited for its dispute may go now; and of one that was refused the screen says so.
        charges.wake();
        this.#chargeListeners.emit(chargeId);
      },
      onStopped: (failure) => this.#onStopped(ofDisputes, failure),
    });
    this.#charges = charges;
    this.#disputes = disputes;
    const closings: ClosingQueue = new ClosingQueue({
      ...common,
      store: options.closings,
      onStopped: (failure) => this.#onStopped(ofClosings, failure),
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
    for (const restarts of this.#restarts) restarts.cancel();
    await Promise.all([this.#charges.stop(), this.#disputes.stop(), this.#closings.stop()]);
  }

  /** A charge has just been committed: send it. */
  wakeCharges(): void {
    this.#charges.wake();
  }
  /** Staff wants everything tried now, whatever pause it is in. */
  hasten(): void {
    const hastened = this.#store.hasten();
    if (!hastened.ok) this.#logger.warn('charges.not_hastened', { error: hastened.error });
    this.#charges.wake();
    this.#disputes.wake();
    this.#closings.wake();
  }
  /** A visit has just ended: tell how. */
  wakeClosings(): void {
    this.#closings.wake();
  }
  /** A dispute has just been committed: send it. */
  wakeDisputes(): void {
    this.#disputes.wake();
  }

  /** It is started again until it runs; staff is told of the first in a row of bugs. */
  #restartsOf(name: QueueName, start: () => void): Restarts {
    return new Restarts({
      clock: this.#clock,
      start: () => {
        start();
        this.#canPersistListeners.emit();
      },
      // Nothing is sold on credit meanwhile.
      storageMaxMs: restartAfterMs,
      onFirstBug: () => this.#tellStaff(`${name}_delivery_stopped`),
    });
  }

  #onStopped(restarts: Restarts, { code }: SenderFailure): void {
    this.#canPersistListeners.emit();
    if (this.#isStarted) restarts.note(code);
  }
}
