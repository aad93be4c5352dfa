import type { Picture } from './picture.ts';

/** A corner, as a share of width and height. */
export type Corner = readonly [across: number, down: number];

/** The picture with everything black that lies outside of this shape: nothing of it is looked at or kept. */
export function masked(picture: Picture, shape: readonly Corner[]): Picture {
  const { width, height } = picture;
  const rgb = new Uint8Array(picture.rgb.length);
  for (let y = 0; y < height; y++) {
    const crossings = crossingsOf(shape, (y + 0.5) / height);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil((crossings[i] ?? 0) * width - 0.5));
      const to = Math.min(width, Math.ceil((crossings[i + 1] ?? 0) * width - 0.5));
      if (to <= from) continue;
      const [start, end] = [3 * (y * width + from), 3 * (y * width + to)];
      rgb.set(picture.rgb.subarray(start, end), start);
    }
  }
  return { width, height, rgb };
}

/** Where the edges of the shape cross this line, from the left. */
function crossingsOf(shape: readonly Corner[], down: number): number[] {
  return shape
    .flatMap((corner, i): number[] => {
      const next = shape[(i + 1) % shape.length] ?? corner;
      const isCrossed = corner[1] <= down !== next[1] <= down;
      if (!isCrossed) return [];
      return [corner[0] + ((down - corner[1]) / (next[1] - corner[1])) * (next[0] - corner[0])];
    })
    .sort((a, b) => a - b);
}
