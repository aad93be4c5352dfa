import type { Picture } from '../../../core/vision/picture.ts';
import { jpegLengthMax } from '../../../shared/model/shelf-watch.ts';

/** A camera that has shown nothing new for so long gives no picture, ms. */
const newPictureMs = 1_500;
/** A picture is looked at no wider than that. */
const pictureWidthMax = 960;
const jpegWidth = 480;
const jpegQualities = [0.75, 0.5, 0.3];

/** The newest picture of one camera; those that nobody asks for are let go at once. */
export class CameraPictures {
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  #wanted: ((frame: VideoFrame | null) => void) | null = null;

  constructor(pictures: ReadableStream<VideoFrame>) {
    this.#reader = pictures.getReader();
    void this.#follow();
  }

  close(): void {
    this.#wanted?.(null);
    this.#wanted = null;
    this.#reader.cancel().catch(() => undefined);
  }

  /** The next one that comes; null: none does. */
  async next(): Promise<Picture | null> {
    const frame = await new Promise<VideoFrame | null>((resolve) => {
      const timer = setTimeout(() => {
        this.#wanted = null;
        resolve(null);
      }, newPictureMs);
      this.#wanted = (one) => {
        clearTimeout(timer);
        resolve(one);
      };
    });
    if (frame === null) return null;
    try {
      return pictureOf(frame);
    } finally {
      frame.close();
    }
  }

  async #follow(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) break;
        const wanted = this.#wanted;
        this.#wanted = null;
        if (wanted === null) value.close();
        else wanted(value);
      }
    } catch {
      // The track has ended: the document says so.
    }
    this.#wanted?.(null);
  }
}

function pictureOf(frame: VideoFrame): Picture | null {
  const { displayWidth, displayHeight } = frame;
  const width = Math.min(pictureWidthMax, displayWidth);
  const height = Math.round((displayHeight * width) / displayWidth);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(frame, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
  return { width, height, rgb };
}

/** Small enough to be kept and sent; null: it cannot be made so. */
export async function jpegOf({ width, height, rgb }: Picture): Promise<string | null> {
  const whole = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  whole.getContext('2d')?.putImageData(image, 0, 0);
  const small = new OffscreenCanvas(jpegWidth, Math.round((height * jpegWidth) / width));
  small.getContext('2d')?.drawImage(whole, 0, 0, small.width, small.height);
  for (const quality of jpegQualities) {
    const blob = await small.convertToBlob({ type: 'image/jpeg', quality });
    const text = base64Of(new Uint8Array(await blob.arrayBuffer()));
    if (text.length <= jpegLengthMax) return text;
  }
  return null;
}

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 0x2000)
    text += String.fromCharCode(...bytes.subarray(from, from + 0x2000));
  return btoa(text);
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
