import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../shared/clock.ts';
import type { CameraOrder } from '../../../../../shared/model/face-view.schema.ts';
import { FaceCamera } from './face-camera.ts';
import { stillSampleCount, watchEveryMs } from './picture-watch.ts';
import { FakeFaceWorker } from '../recognition/testing/fake-face-worker.ts';
import { FakeDevices, named } from '../../../camera/testing/fake-devices.ts';
import { FakePictures } from './testing/fakes.ts';
import { WarmFaceWorker } from './warm-face.ts';

const orderOf = (letter: string, over: Partial<CameraOrder> = {}): CameraOrder => ({
  nonce: letter.repeat(22),
  purpose: 'identify',
  embedder: 'fr-feature-512',
  camera: null,
  ...over,
});
const a = orderOf('a');
const b = orderOf('b', { purpose: 'enrol' });

function setUp() {
  const clock = new FakeClock();
  const devices = new FakeDevices();
  const workers: FakeFaceWorker[] = [];
  const pictures = new FakePictures();
  const said: string[] = [];
  const frames: string[] = [];
  const face = new WarmFaceWorker(() => {
    const worker = new FakeFaceWorker();
    workers.push(worker);
    return worker;
  }, clock);
  const camera = new FaceCamera({
    devices,
    clock,
    face,
    // As the page does it: the stream is shown, and its pictures are given back.
    onStream: (stream) => camera.setPictures(stream === null ? null : pictures),
    sendFrame: (nonce) => frames.push(nonce[0]!),
    sendState: (nonce, state) => said.push(`${nonce[0]!} ${state}`),
  });
  const settle = (): Promise<void> => clock.advance(0);
  const worker = (): FakeFaceWorker => workers.at(-1)!;
  /** Camera on, worker ready, first picture there. */
  const live = async (order = a): Promise<void> => {
    camera.setOrder(order);
    await settle();
    worker().ready();
    await settle();
    pictures.showScene();
    await settle();
  };
  return { clock, devices, workers, worker, pictures, said, frames, camera, settle, live };
}

describe('FaceCamera', () => {
  it('sends the numbers of one picture after the other under the order’s nonce', async () => {
    const { live, worker, frames, said, pictures, settle } = setUp();
    await live();
    expect(said).toEqual(['a live']);
    expect(worker().frames).toHaveLength(1);
    pictures.showScene();
    pictures.showScene();
    await settle();
    expect(worker().frames, 'one is under way').toHaveLength(1);
    worker().answerLast();
    await settle();
    expect(frames).toEqual(['a']);
    pictures.showScene();
    await settle();
    expect(worker().frames.map((f) => [f.seq, f.purpose])).toEqual([
      [1, 'identify'],
      [2, 'identify'],
    ]);
  });
  it('says that it is at work: after each step of a worker that starts, and while one picture takes long', async () => {
    const { camera, settle, worker, pictures, said, clock } = setUp();
    camera.setOrder(a);
    await settle();
    worker().say({ kind: 'step' });
    expect(said, 'no pictures yet').toEqual([]);
    pictures.showScene();
    await settle();
    worker().say({ kind: 'step' });
    expect(said).toEqual(['a live', 'a working']);
    worker().ready();
    await settle();
    pictures.showScene();
    await settle();
    for (let i = 0; i < 3; i++) {
      await clock.advance(400);
      pictures.showScene();
    }
    expect(said).toEqual(['a live', 'a working', 'a working']);
    worker().answerLast();
    await settle();
    worker().answerLast();
    await settle();
    camera.setOrder(null);
    await clock.advance(3_000);
    expect(said).toHaveLength(3);
  });
  it('looks at no picture twice: a camera that hangs must not open the door to whoever comes next', async () => {
    const { live, worker, frames, pictures, settle } = setUp();
    await live();
    const hanging = pictures.grey();
    for (let i = 0; i < 3; i++) {
      worker().answerLast();
      await settle();
      pictures.show(hanging);
      await settle();
    }
    expect(frames).toEqual(['a']);
    expect(worker().frames).toHaveLength(1);
    pictures.showScene();
    await settle();
    expect(worker().frames).toHaveLength(2);
  });
  it('is live as soon as pictures come; they are analysed when the worker can', async () => {
    const { camera, settle, pictures, said, worker } = setUp();
    camera.setOrder(a);
    await settle();
    pictures.showScene();
    await settle();
    expect(said).toEqual(['a live']);
    expect(pictures.bitmaps).toEqual([]);
    worker().ready();
    await settle();
    pictures.showScene();
    await settle();
    expect(worker().frames).toHaveLength(1);
    expect(said).toEqual(['a live']);
  });
  it('the order goes away: the track is stopped, and a late answer is not sent', async () => {
    const { live, camera, devices, worker, frames, settle, pictures } = setUp();
    await live();
    camera.setOrder(null);
    expect(devices.running).toBe(0);
    expect(pictures.followed).toBe(false);
    worker().answerLast();
    await settle();
    expect(frames).toEqual([]);
  });
  it('a new order on the same camera leaves it on and speaks under the new nonce', async () => {
    const { live, camera, devices, worker, frames, said, settle, pictures } = setUp();
    await live();
    camera.setOrder(b);
    await settle();
    expect(devices.tracks).toHaveLength(1);
    expect(devices.running).toBe(1);
    worker().answerLast();
    await settle();
    expect(frames, 'the answer to the old order').toEqual([]);
    pictures.showScene();
    await settle();
    expect(worker().frames.at(-1)?.purpose).toBe('enrol');
    worker().answerLast();
    await settle();
    expect(frames).toEqual(['b']);
    expect(said).toEqual(['a live', 'b live']);
  });
  it('the same order in another snapshot changes nothing', async () => {
    const { live, camera, devices, said } = setUp();
    await live();
    camera.setOrder({ ...a });
    expect(devices.asked).toHaveLength(1);
    expect(said).toEqual(['a live']);
  });
  it('another camera: the first one is stopped', async () => {
    const { live, camera, devices, settle } = setUp();
    await live();
    camera.setOrder(orderOf('c', { camera: 'Webcam' }));
    await settle();
    expect(devices.tracks.map((t) => t.stopped)).toEqual([true, false]);
  });
  it.each([
    ['NotFoundError', 'a missing'],
    ['NotAllowedError', 'a denied'],
    ['NotReadableError', 'a busy'],
  ])('%s: says %s, once', async (error, said) => {
    const t = setUp();
    t.devices.failNext = named(error);
    t.camera.setOrder(a);
    await t.clock.advance(3_000);
    expect(t.said).toEqual([said]);
  });
  it('unplugged in use and plugged in again: missing, then live', async () => {
    const { live, devices, said, settle, pictures } = setUp();
    await live();
    devices.tracks[0]?.dispatchEvent(new Event('ended'));
    devices.change([{ deviceId: 'id-1', label: 'Webcam' }]);
    await settle();
    pictures.showScene();
    await settle();
    expect(said).toEqual(['a live', 'a missing', 'a live']);
  });
  it('frozen and black pictures are said and not analysed; what moves again is live', async () => {
    const { live, clock, said, pictures, worker, settle } = setUp();
    await live();
    worker().answerLast();
    await clock.advance(stillSampleCount * watchEveryMs + watchEveryMs);
    expect(said).toEqual(['a live', 'a frozen']);
    for (let i = 0; i < stillSampleCount + 1; i++) {
      pictures.showBlack();
      await clock.advance(watchEveryMs);
    }
    expect(said).toEqual(['a live', 'a frozen', 'a black']);
    expect(worker().frames).toHaveLength(1);
    pictures.showScene();
    await clock.advance(watchEveryMs);
    expect(said.at(-1)).toBe('a live');
    pictures.showScene();
    await settle();
    expect(worker().frames).toHaveLength(2);
  });
  it('a camera whose first pictures are black, before it knows the light, is live then', async () => {
    const { camera, settle, worker, pictures, said, clock } = setUp();
    camera.setOrder(a);
    await settle();
    worker().ready();
    for (let i = 0; i < 3 * stillSampleCount; i++) pictures.showBlack();
    await clock.advance(watchEveryMs);
    pictures.showScene();
    await clock.advance(watchEveryMs);
    expect(said).toEqual(['a live']);
  });
  it('a worker that does not start is face_off; the next order tries another one', async () => {
    const { camera, settle, worker, workers, said } = setUp();
    camera.setOrder(a);
    await settle();
    worker().off();
    await settle();
    expect(said).toEqual(['a face_off']);
    camera.setOrder(b);
    await settle();
    expect(workers).toHaveLength(2);
    worker().ready();
    await settle();
    expect(said).toEqual(['a face_off']);
  });
  it('a worker that breaks down over a picture is face_off', async () => {
    const { live, worker, said, settle } = setUp();
    await live();
    worker().breakDown();
    await settle();
    expect(said).toEqual(['a live', 'a face_off']);
  });
});
