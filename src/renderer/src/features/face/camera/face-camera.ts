import type { Clock } from '../../../../../shared/clock.ts';
import type { CameraOrder, CameraState } from '../../../../../shared/model/face-view.schema.ts';
import type { FaceReport } from '../../../../../shared/model/face.schema.ts';
import type { FaceClient } from '../recognition/face-client.ts';
import { Camera, type CameraDevices, type OpenTrouble } from '../../../camera/camera.ts';
import { PictureWatch, isSamePicture, watchEveryMs } from './picture-watch.ts';
import type { Pictures } from './pictures.ts';
import type { WarmFaceWorker } from './warm-face.ts';

export interface FaceCameraParts {
  readonly devices: CameraDevices | null;
  readonly clock: Clock;
  readonly face: WarmFaceWorker;
  /** For the video element; null: the camera is off. */
  readonly onStream: (stream: MediaStream | null) => void;
  readonly sendFrame: (nonce: string, report: FaceReport) => void;
  readonly sendState: (nonce: string, state: CameraState) => void;
}

/** Enough for a face, and quick. */
const pictureSize = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
/** A picture that takes longer than this is told of. */
const workingEveryMs = 1_000;

/**
 * Carries out the orders of main: camera on, one picture after the other through the face worker, its numbers back with
 * the order's nonce. One picture is under way, and the next one taken is the newest. `live` is said when pictures
 * come, each trouble when it begins; `working` again and again while the worker reads its models or looks at one
 * picture: main waits for as long as it goes on.
 */
export class FaceCamera {
  readonly #parts: FaceCameraParts;
  readonly #camera: Camera;
  #order: CameraOrder | null = null;
  /** The state that main was sent last under this order. */
  #lastSentState: CameraState | null = null;
  #trouble: OpenTrouble | null = null;
  #client: FaceClient | null = null;
  #faceOff = false;
  #pictures: Pictures | null = null;
  #watch = new PictureWatch();
  /** Of the last picture that the worker has analysed: the same one again says nothing new. */
  #lastAnalysed: Uint8Array | null = null;
  #hasNewPicture = false;
  #isFirstPicture = true;
  #busy = false;
  #stopWatching: () => void = () => undefined;

  constructor(parts: FaceCameraParts) {
    this.#parts = parts;
    parts.face.onStep = () => {
      this.#sendWorking();
    };
    this.#camera = new Camera(parts.devices, parts.clock, pictureSize, {
      stream: (stream) => {
        if (stream === null) this.setPictures(null);
        else this.#trouble = null;
        parts.onStream(stream);
      },
      trouble: (why) => {
        this.#trouble = why;
        this.#sendState();
      },
    });
  }

  /** The order that the view on screen has now. The same one again changes nothing; null: camera off. */
  setOrder(order: CameraOrder | null): void {
    const before = this.#order;
    if (before?.nonce === order?.nonce) return;
    this.#order = order;
    this.#lastSentState = null;
    if (order === null) {
      this.#camera.close();
      this.#trouble = null;
      this.#client = null;
      return;
    }
    if (before === null || before.camera !== order.camera) {
      this.#trouble = null;
      this.#camera.open(order.camera);
    }
    this.#faceOff = false;
    void this.#prepare(order);
    this.#sendState();
  }

  /** Where the pictures of the stream are to be seen; null: nowhere. */
  setPictures(pictures: Pictures | null): void {
    this.#stopWatching();
    this.#stopWatching = () => undefined;
    this.#pictures = pictures;
    this.#watch = new PictureWatch();
    this.#lastAnalysed = null;
    this.#hasNewPicture = false;
    this.#isFirstPicture = true;
    if (pictures === null) return;
    const stopFollowing = pictures.onPicture(() => {
      this.#onPicture();
    });
    let cancel = (): void => undefined;
    const wait = (): void => {
      cancel = this.#parts.clock.after(watchEveryMs, () => {
        this.#samplePicture();
        wait();
      });
    };
    wait();
    this.#stopWatching = () => {
      stopFollowing();
      cancel();
    };
  }

  async #prepare(order: CameraOrder): Promise<void> {
    const ready = await this.#parts.face.ready(order.embedder);
    if (this.#order !== order) return;
    this.#client = ready.ok ? ready.value : null;
    this.#faceOff = !ready.ok;
    this.#sendState();
  }

  #onPicture(): void {
    this.#hasNewPicture = true;
    // The first one is judged at once: nobody waits for the next sample.
    if (this.#isFirstPicture) this.#samplePicture();
    this.#isFirstPicture = false;
    void this.#analyse();
  }

  #samplePicture(): void {
    if (this.#pictures === null) return;
    this.#watch.sample(this.#hasNewPicture ? this.#pictures.grey() : null);
    this.#hasNewPicture = false;
    this.#sendState();
  }

  async #analyse(): Promise<void> {
    const order = this.#order;
    const client = this.#client;
    const pictures = this.#pictures;
    if (this.#busy || order === null || client === null || pictures === null || this.#watch.state !== 'live')
      return;
    const grey = pictures.grey();
    if (this.#lastAnalysed !== null && isSamePicture(grey, this.#lastAnalysed)) return;
    this.#lastAnalysed = grey;
    this.#busy = true;
    const stopTelling = this.#tellWorking();
    const bitmap = await pictures.bitmap().catch(() => null);
    const result = bitmap === null ? null : await client.analyse(bitmap, order.purpose);
    stopTelling();
    this.#busy = false;
    if (result === null) return;
    if (!result.ok) {
      if (result.error.code === 'face.overtaken') return;
      this.#parts.face.forget(client);
      if (this.#client !== client) return;
      this.#client = null;
      this.#faceOff = true;
      this.#sendState();
      return;
    }
    if (this.#order?.nonce === order.nonce) this.#parts.sendFrame(order.nonce, result.value.report);
  }

  /** Until it is stopped; the client's own limit of a picture bounds it. */
  #tellWorking(): () => void {
    let cancel = (): void => undefined;
    const wait = (): void => {
      cancel = this.#parts.clock.after(workingEveryMs, () => {
        this.#sendWorking();
        wait();
      });
    };
    wait();
    return () => {
      cancel();
    };
  }

  #sendWorking(): void {
    if (this.#order !== null && this.#state() === 'live') this.#parts.sendState(this.#order.nonce, 'working');
  }

  #sendState(): void {
    const state = this.#state();
    if (this.#order === null || state === null || state === this.#lastSentState) return;
    this.#lastSentState = state;
    this.#parts.sendState(this.#order.nonce, state);
  }

  #state(): CameraState | null {
    if (this.#trouble !== null) return this.#trouble;
    if (this.#faceOff) return 'face_off';
    return this.#watch.state;
  }
}
