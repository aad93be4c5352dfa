import type { CameraRotation } from '../../../../../shared/model/camera-rotation.ts';
import { turnPicture } from './rotate.ts';

/** The pictures of one video element, as they come. */
export interface Pictures {
  /** Calls back for each new picture, until the returned function is called. */
  onPicture(onPicture: () => void): () => void;
  /** A small grey copy of the picture on screen: enough to see that nothing moves. */
  grey(): Uint8Array;
  /** The picture on screen, turned upright, at the size that the face worker is measured with. */
  bitmap(): Promise<ImageBitmap>;
}

const greySize = { width: 64, height: 48 };
/** Limits of the face worker are in pixels of a picture this wide. */
const bitmapWidth = 640;

/** Shows the stream in this element (the caller turns that) and reads its pictures from there; nothing is kept from one to the next. */
export function picturesOf(video: HTMLVideoElement, stream: MediaStream, rotation: CameraRotation): Pictures {
  const canvas = new OffscreenCanvas(greySize.width, greySize.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return {
    onPicture: (onPicture) => {
      video.srcObject = stream;
      let handle = 0;
      const next = (): void => {
        handle = video.requestVideoFrameCallback(() => {
          next();
          onPicture();
        });
      };
      next();
      return () => {
        video.cancelVideoFrameCallback(handle);
        video.srcObject = null;
      };
    },
    grey: () => {
      if (context === null) return new Uint8Array();
      context.drawImage(video, 0, 0, greySize.width, greySize.height);
      return toGrey(context.getImageData(0, 0, greySize.width, greySize.height).data);
    },
    bitmap: async () => {
      const { videoWidth, videoHeight } = video;
      const size =
        videoWidth <= bitmapWidth
          ? undefined
          : {
              resizeWidth: bitmapWidth,
              resizeHeight: Math.round((videoHeight * bitmapWidth) / videoWidth),
              resizeQuality: 'medium' as const,
            };
      return turnPicture(await createImageBitmap(video, size), rotation);
    },
  };
}

function toGrey(rgba: Uint8ClampedArray): Uint8Array {
  const grey = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < grey.length; i++) {
    const [r = 0, g = 0, b = 0] = rgba.subarray(i * 4, i * 4 + 3);
    grey[i] = (r * 77 + g * 150 + b * 29) >> 8;
  }
  return grey;
}
