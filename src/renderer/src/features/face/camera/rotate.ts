import type { CameraRotation } from '../../../../../shared/model/camera-rotation.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}
/** As `CanvasRenderingContext2D.setTransform` takes it: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export interface Transform {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Size of a picture that was turned. */
export function turnedSize({ width, height }: Size, rotation: CameraRotation): Size {
  return rotation === 90 || rotation === 270 ? { width: height, height: width } : { width, height };
}

/** Turns a picture of this size clockwise, so that its corner is at the origin again. */
export function turnOf({ width, height }: Size, rotation: CameraRotation): Transform {
  switch (rotation) {
    case 0:
      return { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };
    case 90:
      return { a: 0, b: 1, c: -1, d: 0, e: height, f: 0 };
    case 180:
      return { a: -1, b: 0, c: 0, d: -1, e: width, f: height };
    case 270:
      return { a: 0, b: -1, c: 1, d: 0, e: 0, f: width };
  }
}

/** The picture turned upright; the given one is closed. */
export function turnPicture(picture: ImageBitmap, rotation: CameraRotation): ImageBitmap {
  if (rotation === 0) return picture;
  const size = turnedSize(picture, rotation);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  if (context === null) return picture;
  context.setTransform(turnOf(picture, rotation));
  context.drawImage(picture, 0, 0);
  picture.close();
  return canvas.transferToImageBitmap();
}
