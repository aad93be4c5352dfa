import { FacePipeline } from './pipeline.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

/** Entry of the face worker. An exception is the end of it: the client is told, and may start another one. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

let pipeline: FacePipeline | null = null;
/** One after the other, whatever comes in. */
let queue: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  queue = queue
    .then(() => answer(data))
    .catch((error: unknown) => {
      scope.postMessage({ kind: 'off', failure: { code: 'face.worker_failed', message: String(error) } });
    });
};

async function answer(message: ToWorker): Promise<void> {
  if (message.kind === 'start') {
    const opened = await FacePipeline.open(message.embedder, readOwnFile, () => {
      scope.postMessage({ kind: 'step' });
    });
    if (opened.ok) pipeline = opened.value;
    scope.postMessage(opened.ok ? { kind: 'ready' } : { kind: 'off', failure: opened.error });
    return;
  }
  if (pipeline === null) throw new Error('a frame before the start');
  const { report, timings } = await pipeline.analyse(message.bitmap, message.purpose);
  scope.postMessage({ kind: 'report', seq: message.seq, report, timings });
}

async function readOwnFile(path: string): Promise<ArrayBuffer | null> {
  const answer = await fetch(path);
  return answer.ok ? answer.arrayBuffer() : null;
}
