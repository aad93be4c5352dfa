import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type ChargeClient, ChargeQueue, type ChargeQueueOptions } from './charge-queue.ts';
import type { ChargeStore } from './charge-store.ts';
import { DisputeQueue, type DisputeQueueOptions } from './dispute-queue.ts';
import type { DisputeStore } from './dispute-store.ts';

/** A queue that the database stopped is started again after this. */
const restartAfterMs = 2_000;

export interface DeliveryQueuesOptions {
  readonly charges: ChargeStore;
  readonly disputes: DisputeStore;
  readonly client: ChargeClient & DisputeQueueOptions['client'];
  readonly link: ChargeQueueOptions['link'];
  /** Of operating time (main/operating-clock.ts). */
  readonly clock: Clock;
  readonly random: Random;
  /** Tells staff what the operator does not take. */
  readonly tellStaff?: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * The delivery of charges and of disputes to the operator, started and stopped together. A queue stops by itself when the
 * database does not take what it has to write; it is started again until the database does.
 */
export class DeliveryQueues {
  readonly #clock: Clock;
  readonly #charges: ChargeQueue;
  readonly #disputes: DisputeQueue;
  readonly #chargeListeners: Listeners<ChargeId>;
  readonly #canPersistListeners: Listeners;
  #isStarted = false;

  constructor(options: DeliveryQueuesOptions) {
    const { clock, link, logger, client, tellStaff } = options;
    const random = (): number => options.random.unit();
    const common = { client, link, clock, logger, random, ...(tellStaff === undefined ? {} : { tellStaff }) };
    this.#clock = clock;
    this.#chargeListeners = new Listeners(clock);
    this.#canPersistListeners = new Listeners(clock);
    const charges: ChargeQueue = new ChargeQueue({
      ...common,
      store: options.charges,
      disputes: options.disputes,
      onChange: (chargeId) => this.#chargeListeners.emit(chargeId),
      onDisputesDue: () => disputes.wake(),
      onStopped: () => this.#restart(charges),
    });
    const disputes: DisputeQueue = new DisputeQueue({
      ...common,
      store: options.disputes,
      onDone: (chargeId) => {
        // A charge that waited for its dispute may go now; and of one that was refused the screen says so.
        charges.wake();
        this.#chargeListeners.emit(chargeId);
      },
      onStopped: () => this.#restart(disputes),
    });
    this.#charges = charges;
    this.#disputes = disputes;
  }

  /** False while the database refuses what a queue has to write: nothing more may be sold on credit. */
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
  }

  /** Resolves when the outcome of what was under way is on the disk. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    await Promise.all([this.#charges.stop(), this.#disputes.stop()]);
  }

  /** A charge has just been committed: send it. */
  wakeCharges(): void {
    this.#charges.wake();
  }
  /** A dispute has just been committed: send it. */
  wakeDisputes(): void {
    this.#disputes.wake();
  }

  #restart(queue: ChargeQueue | DisputeQueue): void {
    this.#canPersistListeners.emit();
    this.#clock.after(restartAfterMs, () => {
      if (!this.#isStarted) return;
      queue.start();
      this.#canPersistListeners.emit();
    });
  }
}
