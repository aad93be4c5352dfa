/** How large a picture may be afterwards: its longer side, pixels, and the letters of the data URL. */
export interface PhotoBound {
  readonly side: number;
  readonly maxLength: number;
}
/** Enough to read a label and to see what is broken; three of them fit into what a phone keeps for a page. */
export const reportBound: PhotoBound = { side: 1_400, maxLength: 700_000 };
const qualities = [0.8, 0.6, 0.4] as const;

/** Scaled down to fit, never up. */
export function fittedSize(
  width: number,
  height: number,
  side: number,
): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * The picture as a small JPEG (a data URL), the right way up, and without what the camera wrote into it: place, time, device. Null:
 * it cannot be read.
 */
export async function shrunkPhoto(file: Blob, { side, maxLength }: PhotoBound): Promise<string | null> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const { width, height } = fittedSize(picture.width, picture.height, side);
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    if (context === null) return null;
    // What is transparent would be black.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
    picture.close();
    const tries = qualities.map((quality) => () => canvas.toDataURL('image/jpeg', quality));
    let text = '';
    for (const draw of tries) {
      text = draw();
      if (text.length <= maxLength) break;
    }
    return text.startsWith('data:image/jpeg') ? text : null;
  } catch {
    return null;
  }
}

/** The bytes of a data URL. (Asking for one with `fetch` the page's policy does not allow.) */
export function blobOf(dataUrl: string): Blob {
  const comma = dataUrl.indexOf(',');
  const type = /^data:([^;,]+)/.exec(dataUrl)?.[1] ?? 'image/jpeg';
  return new Blob([Uint8Array.from(atob(dataUrl.slice(comma + 1)), (c) => c.charCodeAt(0))], { type });
}
