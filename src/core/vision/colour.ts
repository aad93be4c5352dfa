import type { Picture } from './picture.ts';

/**
 * What colours a picture has, and roughly where: histograms over CIELAB of the whole picture and of 3 × 2 cells, after
 * taking half of a cast away. Light of another colour moves it little; shapes are not in it at all.
 */
const chromaBins = 8;
/** a and b are taken from −40 to 40; what is more colourful counts as the outermost. */
const chromaReach = 40;
const lightBins = 6;
const lightWeight = 0.5;
const rows = 3;
const columns = 2;
const cellWeight = 0.5;
const binsPerCell = chromaBins * chromaBins + lightBins;
const castTaken = 0.5;
/** Every third pixel of a row and every third row are enough. */
const step = 3;

export const colourLength = (1 + rows * columns) * binsPerCell;

const linearOf = Float32Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

export function colourDescriptor(picture: Picture): Float32Array {
  const { width, height, rgb } = picture;
  const gains = gainsAgainstCast(picture);
  const histogram = new Float32Array(colourLength);
  const lab = new Float64Array(3);
  for (let y = 0; y < height; y += step) {
    const row = Math.floor((y * rows) / height);
    for (let x = 0; x < width; x += step) {
      const at = 3 * (y * width + x);
      toLab(
        Math.min(1, linearOf[rgb[at]!]! * gains.red),
        Math.min(1, linearOf[rgb[at + 1]!]! * gains.green),
        Math.min(1, linearOf[rgb[at + 2]!]! * gains.blue),
        lab,
      );
      const cell = 1 + row * columns + Math.floor((x * columns) / width);
      addTo(histogram, 0, lab);
      addTo(histogram, cell * binsPerCell, lab);
    }
  }
  return rooted(histogram);
}

/** Each cell as shares, rooted: then a scalar product compares two histograms fairly. */
function rooted(histogram: Float32Array): Float32Array {
  for (let cell = 0; cell < histogram.length; cell += binsPerCell) {
    let sum = 0;
    for (let i = 0; i < binsPerCell; i++) sum += histogram[cell + i]!;
    const weight = cell === 0 ? 1 : cellWeight;
    if (sum === 0) continue;
    for (let i = 0; i < binsPerCell; i++)
      histogram[cell + i] = weight * Math.sqrt(histogram[cell + i]! / sum);
  }
  return histogram;
}

/** Half way to where the mean of the picture is grey. */
function gainsAgainstCast({ width, height, rgb }: Picture): { red: number; green: number; blue: number } {
  // A black picture has no cast.
  const sums = [1e-6, 1e-6, 1e-6];
  for (let y = 0; y < height; y += step)
    for (let x = 0; x < width; x += step)
      for (let channel = 0; channel < 3; channel++)
        sums[channel] = sums[channel]! + linearOf[rgb[3 * (y * width + x) + channel]!]!;
  const mean = (sums[0]! + sums[1]! + sums[2]!) / 3;
  const [red, green, blue] = sums.map((sum) => (mean / sum) ** castTaken);
  return { red: red!, green: green!, blue: blue! };
}

function toLab(red: number, green: number, blue: number, lab: Float64Array): void {
  const x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  lab[0] = 116 * y - 16;
  lab[1] = 500 * (x - y);
  lab[2] = 200 * (y - z);
}

const curve = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);

/** Shared among the neighbouring bins, so that a small shift changes little. */
function addTo(histogram: Float32Array, cell: number, lab: Float64Array): void {
  const a = placeOf(lab[1]!, -chromaReach, 2 * chromaReach, chromaBins);
  const b = placeOf(lab[2]!, -chromaReach, 2 * chromaReach, chromaBins);
  const [aBin, bBin] = [Math.floor(a), Math.floor(b)];
  const [aRest, bRest] = [a - aBin, b - bBin];
  const at = cell + aBin * chromaBins + bBin;
  histogram[at] = histogram[at]! + (1 - aRest) * (1 - bRest);
  histogram[at + chromaBins] = histogram[at + chromaBins]! + aRest * (1 - bRest);
  histogram[at + 1] = histogram[at + 1]! + (1 - aRest) * bRest;
  histogram[at + chromaBins + 1] = histogram[at + chromaBins + 1]! + aRest * bRest;
  const light = placeOf(lab[0]!, 0, 100, lightBins);
  const lightBin = Math.floor(light);
  const lightAt = cell + chromaBins * chromaBins + lightBin;
  histogram[lightAt] = histogram[lightAt]! + lightWeight * (1 - (light - lightBin));
  histogram[lightAt + 1] = histogram[lightAt + 1]! + lightWeight * (light - lightBin);
}

/** Where between the first and the last bin, never quite at the last. */
function placeOf(value: number, from: number, range: number, bins: number): number {
  return Math.min(bins - 1.001, Math.max(0, ((value - from) / range) * (bins - 1)));
}
