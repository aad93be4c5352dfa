import type { Clock } from '../../../../../shared/clock.ts';
import type { EmbedderName } from '../../../../../shared/model/face.ts';
import type { FaceReport } from '../../../../../shared/model/face.schema.ts';
import { type Result, fail, ok } from '../../../../../shared/result.ts';
import type { FaceFailure } from './models.ts';
import type { FrameTimings, FromWorker, Purpose, ToWorker } from './worker-protocol.ts';

/**
 * For one step of the start (one model read, checked or compiled): all of them take under a second where nothing else is
 * to do, and each may be slow on its own. No step for so long: it hangs.
 */
export const stepTimeoutMs = 20_000;
/** A frame takes a tenth of a second; a worker that needs so many times as long hangs. */
export const frameTimeoutMs = 10_000;

/** The worker as the client sees it. */
export interface WorkerLink {
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  terminate(): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** It broke down: nothing more will come. */
  onFailure(listener: (why: string) => void): void;
}

export interface Analysed {
  readonly report: FaceReport;
  readonly timings: FrameTimings;
}

/** A frame is not analysed when a newer one arrived before its turn. */
export type FrameResult = Result<Analysed, FaceFailure | { code: 'face.overtaken' }>;

interface Waiting {
  readonly bitmap: ImageBitmap;
  readonly purpose: Purpose;
  readonly done: (result: FrameResult) => void;
}

/**
 * Speaks with the face worker: one frame is under way, one may wait, and a newer one takes the place of the one that
 * waits, so that what is decided upon is never old. Once it has failed it stays off; a new client starts a new worker.
 */
export class FaceClient {
  readonly #link: WorkerLink;
  readonly #clock: Clock;
  #started: ((result: Result<void, FaceFailure>) => void) | null = null;
  #under: { seq: number; done: (result: FrameResult) => void } | null = null;
  #next: Waiting | null = null;
  #seq = 0;
  #failure: FaceFailure | null = null;
  #cancelTimer: () => void = () => undefined;
  readonly #onStep: () => void;

  /** `onStep`: it is not ready yet, and goes on. */
  constructor(link: WorkerLink, clock: Clock, onStep: () => void = () => undefined) {
    this.#link = link;
    this.#clock = clock;
    this.#onStep = onStep;
    link.onMessage((message) => {
      this.#hear(message);
    });
    link.onFailure((why) => {
      this.#fail({ code: 'face.worker_failed', message: why });
    });
  }

  /** Call once, first; frames may follow when it has answered ok. */
  start(embedder: EmbedderName): Promise<Result<void, FaceFailure>> {
    return new Promise((resolve) => {
      this.#started = resolve;
      this.#watch(stepTimeoutMs, 'a step of the start');
      this.#link.postMessage({ kind: 'start', embedder }, []);
    });
  }

  /** Has one frame analysed. The bitmap belongs to the client from here on, whatever the answer. */
  analyse(bitmap: ImageBitmap, purpose: Purpose): Promise<FrameResult> {
    return new Promise((done) => {
      if (this.#failure !== null) {
        bitmap.close();
        done({ ok: false, error: this.#failure });
        return;
      }
      if (this.#next !== null) {
        this.#next.bitmap.close();
        this.#next.done({ ok: false, error: { code: 'face.overtaken' } });
      }
      this.#next = { bitmap, purpose, done };
      this.#sendNext();
    });
  }

  /** Ends the worker and with it every frame that it holds. */
  close(): void {
    this.#fail({ code: 'face.worker_failed', message: 'closed' });
  }

  #sendNext(): void {
    const next = this.#next;
    if (next === null || this.#under !== null) return;
    this.#next = null;
    this.#under = { seq: ++this.#seq, done: next.done };
    this.#watch(frameTimeoutMs, 'a frame');
    const { bitmap, purpose } = next;
    this.#link.postMessage({ kind: 'frame', seq: this.#seq, purpose, bitmap }, [bitmap]);
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'off') {
      this.#fail(message.failure);
      return;
    }
    if (message.kind === 'step') {
      if (this.#started === null) return;
      this.#cancelTimer();
      this.#watch(stepTimeoutMs, 'a step of the start');
      this.#onStep();
      return;
    }
    if (message.kind === 'ready') {
      this.#cancelTimer();
      this.#started?.(ok());
      this.#started = null;
      return;
    }
    if (this.#under?.seq !== message.seq) return;
    this.#cancelTimer();
    const { done } = this.#under;
    this.#under = null;
    this.#sendNext();
    done(ok({ report: message.report, timings: message.timings }));
  }

  #watch(timeoutMs: number, what: string): void {
    this.#cancelTimer = this.#clock.after(timeoutMs, () => {
      this.#fail({ code: 'face.worker_failed', message: `${what} took more than ${timeoutMs} ms` });
    });
  }

  #fail(failure: FaceFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#cancelTimer();
    this.#link.terminate();
    this.#started?.(fail(failure.code, failure.message));
    this.#under?.done({ ok: false, error: failure });
    this.#next?.bitmap.close();
    this.#next?.done({ ok: false, error: failure });
    this.#started = this.#under = this.#next = null;
  }
}

/** Makes the real worker: only now are its script and the models read. */
export function openFaceWorker(): WorkerLink {
  const worker = new Worker(new URL('./face-worker.ts', import.meta.url), { type: 'module', name: 'face' });
  return {
    postMessage: (message, transfer) => {
      worker.postMessage(message, transfer);
    },
    terminate: () => {
      worker.terminate();
    },
    onMessage: (listener) => {
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        listener(data);
      };
    },
    onFailure: (listener) => {
      worker.onerror = (event) => {
        listener(event.message);
      };
      worker.onmessageerror = () => {
        listener('a message that cannot be read');
      };
    },
  };
}
