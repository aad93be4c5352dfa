import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../shared/clock.ts';
import { FaceClient, type FrameResult, frameTimeoutMs, stepTimeoutMs } from './face-client.ts';
import { FakeFaceWorker } from './testing/fake-face-worker.ts';

interface Bitmap extends ImageBitmap {
  closed: boolean;
}
function bitmap(): Bitmap {
  const made = { width: 1, height: 1, closed: false, close: () => void (made.closed = true) };
  return made;
}

async function started(): Promise<{ worker: FakeFaceWorker; client: FaceClient; clock: FakeClock }> {
  const worker = new FakeFaceWorker();
  const clock = new FakeClock();
  const client = new FaceClient(worker, clock);
  const start = client.start('fr-feature-512');
  worker.say({ kind: 'ready' });
  expect((await start).ok).toBe(true);
  return { worker, client, clock };
}
const codeOf = async (result: Promise<FrameResult>): Promise<string> => {
  const settled = await result;
  return settled.ok ? 'ok' : settled.error.code;
};

describe('FaceClient', () => {
  it('has one frame under way; of those that wait the newest wins and the others are closed', async () => {
    const { worker, client } = await started();
    const [a, b, c] = [bitmap(), bitmap(), bitmap()];
    const first = client.analyse(a, 'identify');
    const second = client.analyse(b, 'identify');
    const third = client.analyse(c, 'enrol');
    expect(await codeOf(second)).toBe('face.overtaken');
    expect([a.closed, b.closed, c.closed]).toEqual([false, true, false]);
    expect(worker.received.filter((m) => m.kind === 'frame')).toHaveLength(1);
    worker.answer(1);
    expect(await codeOf(first)).toBe('ok');
    expect(worker.received.at(-1)).toMatchObject({ kind: 'frame', seq: 2, purpose: 'enrol', bitmap: c });
    worker.answer(2);
    expect(await codeOf(third)).toBe('ok');
  });

  it('is off with the reason when a model is damaged', async () => {
    const worker = new FakeFaceWorker();
    const client = new FaceClient(worker, new FakeClock());
    const start = client.start('fr-feature-512');
    worker.say({ kind: 'off', failure: { code: 'face.model_corrupt', message: 'fr_feature.onnx' } });
    const result = await start;
    expect(result.ok ? '' : result.error.code).toBe('face.model_corrupt');
    expect(worker.terminated).toBe(true);
    const late = bitmap();
    expect(await codeOf(client.analyse(late, 'identify'))).toBe('face.model_corrupt');
    expect(late.closed).toBe(true);
  });

  it('gives up a worker that does not start or does not answer', async () => {
    const worker = new FakeFaceWorker();
    const clock = new FakeClock();
    const start = new FaceClient(worker, clock).start('fr-feature-512');
    await clock.advance(stepTimeoutMs);
    expect((await start).ok).toBe(false);
    expect(worker.terminated).toBe(true);

    const running = await started();
    const under = running.client.analyse(bitmap(), 'identify');
    const waiting = running.client.analyse(bitmap(), 'identify');
    await running.clock.advance(frameTimeoutMs);
    expect([await codeOf(under), await codeOf(waiting)]).toEqual([
      'face.worker_failed',
      'face.worker_failed',
    ]);
    expect(running.worker.terminated).toBe(true);
  });

  it('waits for one that starts slowly, step by step, and tells of each step', async () => {
    const worker = new FakeFaceWorker();
    const clock = new FakeClock();
    let steps = 0;
    const start = new FaceClient(worker, clock, () => steps++).start('fr-feature-512');
    for (let step = 0; step < 8; step++) {
      await clock.advance(stepTimeoutMs - 1);
      worker.say({ kind: 'step' });
    }
    await clock.advance(stepTimeoutMs - 1);
    worker.ready();
    expect((await start).ok).toBe(true);
    worker.say({ kind: 'step' });
    expect(steps).toBe(8);
    await clock.advance(10 * stepTimeoutMs);
    expect(worker.terminated).toBe(false);
  });

  it('does not give up one that answers in time, again and again', async () => {
    const { worker, client, clock } = await started();
    for (let seq = 1; seq <= 5; seq++) {
      const result = client.analyse(bitmap(), 'identify');
      await clock.advance(frameTimeoutMs - 1);
      worker.answer(seq);
      expect(await codeOf(result)).toBe('ok');
    }
    await clock.advance(10 * frameTimeoutMs);
    expect(worker.terminated).toBe(false);
  });

  it('answers every frame when the worker breaks down or is closed, and ignores what comes late', async () => {
    const broken = await started();
    const under = broken.client.analyse(bitmap(), 'identify');
    const last = bitmap();
    const waiting = broken.client.analyse(last, 'identify');
    broken.worker.breakDown();
    expect([await codeOf(under), await codeOf(waiting)]).toEqual([
      'face.worker_failed',
      'face.worker_failed',
    ]);
    expect(last.closed).toBe(true);
    broken.worker.answer(1);

    const closed = await started();
    const open = closed.client.analyse(bitmap(), 'identify');
    closed.client.close();
    expect(await codeOf(open)).toBe('face.worker_failed');
    expect(closed.worker.terminated).toBe(true);
  });
});
