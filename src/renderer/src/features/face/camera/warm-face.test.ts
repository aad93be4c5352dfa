import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../shared/clock.ts';
import { FakeFaceWorker } from '../recognition/testing/fake-face-worker.ts';
import { WarmFaceWorker } from './warm-face.ts';

function setUp() {
  const clock = new FakeClock();
  const workers: FakeFaceWorker[] = [];
  const face = new WarmFaceWorker(() => {
    const worker = new FakeFaceWorker();
    workers.push(worker);
    return worker;
  }, clock);
  return { clock, workers, face };
}

describe('WarmFace', () => {
  it('is started by the notice and ready for the order', async () => {
    const { face, workers } = setUp();
    face.warmUp();
    workers[0]?.ready();
    expect((await face.ready('fr-feature-512')).ok).toBe(true);
    expect(workers).toHaveLength(1);
  });
  it('another embedder takes the place of the first, and is the one that is warmed up from then on', async () => {
    const { face, workers } = setUp();
    face.warmUp();
    const other = face.ready('face-api-128');
    workers[1]?.ready();
    expect((await other).ok).toBe(true);
    expect(workers.map((w) => w.terminated)).toEqual([true, false]);
    face.warmUp();
    expect(workers).toHaveLength(2);
    expect(workers[1]?.received[0]).toEqual({ kind: 'start', embedder: 'face-api-128' });
  });
  it('one that did not start is not kept', async () => {
    const { face, workers } = setUp();
    const first = face.ready('fr-feature-512');
    workers[0]?.off();
    expect(await first).toMatchObject({ ok: false, error: { code: 'face.model_missing' } });
    const second = face.ready('fr-feature-512');
    workers[1]?.ready();
    expect((await second).ok).toBe(true);
  });
});
