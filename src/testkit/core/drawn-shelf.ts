import { type Picture, resampled } from '../../core/vision/picture.ts';
import { SeededRandom } from '../../shared/random.ts';

/** A picture full of rectangles: something to hold on to everywhere, and no photograph. */
export function drawnShelf(seed: number, width = 480, height = 270): Picture {
  const random = new SeededRandom(seed);
  const rgb = new Uint8Array(3 * width * height).fill(120);
  for (let i = 0; i < 260; i++) {
    const colour = [random.between(40, 210), random.between(40, 210), random.between(40, 210)];
    const left = random.between(0, width - 1);
    const top = random.between(0, height - 1);
    paint({ width, height, rgb }, left, top, random.between(6, 40), random.between(6, 40), colour);
  }
  // As a lens gives it: no edge is sharper than a pixel.
  return resampled({ width, height, rgb }, { left: 0.5, top: 0.5, width, height }, width, height);
}

/** A rectangle of one colour, in place. */
export function paint(
  { width, height, rgb }: Picture,
  left: number,
  top: number,
  across: number,
  down: number,
  colour: readonly number[],
): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + down); y++)
    for (let x = Math.max(0, left); x < Math.min(width, left + across); x++)
      rgb.set(colour, 3 * (y * width + x));
}

/** The same with each byte changed. */
export function relit(picture: Picture, light: (value: number, x: number, y: number) => number): Picture {
  const rgb = picture.rgb.map((value, i) => {
    const pixel = Math.floor(i / 3);
    const lit = light(value, pixel % picture.width, Math.floor(pixel / picture.width));
    return Math.min(255, Math.max(0, Math.round(lit)));
  });
  return { ...picture, rgb };
}
