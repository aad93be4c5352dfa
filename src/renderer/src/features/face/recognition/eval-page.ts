import { systemClock } from '../../../../../shared/clock.ts';
import type { EmbedderName } from '../../../../../shared/model/face.ts';
import { FaceClient, type FrameResult, openFaceWorker } from './face-client.ts';
import type { Purpose } from './worker-protocol.ts';

/**
 * Page of the measuring tool (e2e/face/eval-app.ts): it takes pictures from that tool instead of from a camera and gives
 * them to the worker of the product through the product's own client. Not part of an installed cabinet.
 */
interface FaceEval {
  /** Starts a worker with this embedder, in place of the one before; answers null, or why there is none. */
  start(embedder: EmbedderName): Promise<{ code: string; message: string } | null>;
  analyse(picture: Picture): Promise<FrameResult>;
}

/** An image file, and how it stands before the camera: as it is, or pasted into a frame of 640×480 at this scale. */
interface Picture {
  readonly base64: string;
  readonly pasteScale: number | null;
  readonly purpose: Purpose;
}

const frameSize = { width: 640, height: 480 };
/** What stands around a pasted picture. */
const ground = '#808080';

let client: FaceClient | null = null;

const faceEval: FaceEval = {
  start: async (embedder) => {
    client?.close();
    client = new FaceClient(openFaceWorker(), systemClock);
    const started = await client.start(embedder);
    return started.ok ? null : started.error;
  },
  analyse: async (picture) => {
    if (client === null) throw new Error('start first');
    return client.analyse(await toFrame(picture), picture.purpose);
  },
};
(globalThis as unknown as { faceEval: FaceEval }).faceEval = faceEval;

async function toFrame({ base64, pasteScale }: Picture): Promise<ImageBitmap> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes]));
  if (pasteScale === null) return picture;
  const canvas = new OffscreenCanvas(frameSize.width, frameSize.height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2d context');
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  const width = picture.width * pasteScale;
  const height = picture.height * pasteScale;
  context.drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
  picture.close();
  return createImageBitmap(canvas);
}
