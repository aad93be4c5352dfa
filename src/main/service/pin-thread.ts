import { Worker } from 'node:worker_threads';
import type { Logger } from '../../shared/util/logger.ts';
import type { HashDone, HashOrder } from './pin-worker.ts';

/** Argon2id of a PIN with the parameters of `pinHashing`. */
export interface PinTagger {
  /** Null: it did not work. */
  tag(pin: string, salt: Uint8Array): Promise<Uint8Array | null>;
  stop(): Promise<void>;
}

/** More waiting than this: somebody calls without end. */
const waitingMax = 8;

/** The tagger of the product: a thread of its own (pin-worker.ts), begun when somebody tries to come in. */
export class PinThread implements PinTagger {
  readonly #script: string | URL;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, (tag: Uint8Array | null) => void>();
  #worker: Worker | null = null;
  #id = 0;

  constructor(script: string | URL, logger: Logger) {
    this.#script = script;
    this.#logger = logger;
  }

  tag(pin: string, salt: Uint8Array): Promise<Uint8Array | null> {
    if (this.#waiting.size >= waitingMax) return Promise.resolve(null);
    const id = ++this.#id;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      const order: HashOrder = { id, pin, salt };
      (this.#worker ??= this.#start()).postMessage(order);
    });
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#fail();
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    worker.unref();
    worker.on('message', ({ id, tag }: HashDone) => {
      this.#waiting.get(id)?.(tag);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => {
      this.#logger.error('service.pin_thread_failed', { error: String(error) });
      this.#gone(worker);
    });
    worker.on('exit', () => {
      this.#gone(worker);
    });
    return worker;
  }

  #gone(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#fail();
  }

  #fail(): void {
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }
}
