import type { WorkerLink } from '../face-client.ts';
import type { FromWorker, ToWorker } from '../worker-protocol.ts';

const emptyReport = {
  problems: ['no_face' as const],
  faceCount: 0,
  face: null,
  liveness: null,
  descriptor: null,
};
const timings = { stretch: 1, detect: 1, landmarks: 1, align: 1, embed: 1, liveness: 1, total: 6 };

/** A face worker that answers when it is told to. */
export class FakeFaceWorker implements WorkerLink {
  readonly received: ToWorker[] = [];
  terminated = false;
  #message: (message: FromWorker) => void = () => undefined;
  #failure: (why: string) => void = () => undefined;

  postMessage(message: ToWorker): void {
    this.received.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  onMessage(listener: (message: FromWorker) => void): void {
    this.#message = listener;
  }
  onFailure(listener: (why: string) => void): void {
    this.#failure = listener;
  }
  say(message: FromWorker): void {
    this.#message(message);
  }
  ready(): void {
    this.say({ kind: 'ready' });
  }
  /** The model is missing. */
  off(): void {
    this.say({ kind: 'off', failure: { code: 'face.model_missing', message: 'gone' } });
  }
  breakDown(): void {
    this.#failure('out of memory');
  }
  answer(seq: number): void {
    this.say({ kind: 'report', seq, report: emptyReport, timings });
  }
  answerLast(): void {
    this.answer(this.frames.at(-1)?.seq ?? 0);
  }
  get frames(): Extract<ToWorker, { kind: 'frame' }>[] {
    return this.received.filter((m) => m.kind === 'frame');
  }
}
