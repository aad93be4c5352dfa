import type { Raster } from './raster.ts';

/** The part of the frame that a face stands in, as fractions of its sides: a bright window beside it must not count. */
const centre = { left: 0.25, right: 0.75, top: 0.1, bottom: 0.9 };
/** Every second pixel in both directions is enough to know the light. */
const stride = 2;
/** So many of the darkest and of the brightest pixels are taken for noise. */
const tail = 0.01;
/** A frame of one colour is not pulled apart further than this. */
const rangeMin = 16;
/** A face in the dark half is brought up: median below this … */
const medianDark = 0.35;
/** … to this, with a gamma of no less than this (more would show only noise). A median of almost nothing is no face. */
const medianWanted = 0.42;
const gammaMin = 0.5;
const medianNothing = 0.02;

/**
 * How to spread the light of a frame over the whole range: a table from old value to new, for all three colours alike.
 * Linear between the 1st and the 99th percentile of the luminance in the centre, then a gamma that lifts a dark median.
 */
export function stretchTable(frame: Raster): Uint8ClampedArray {
  const histogram = luminanceOfCentre(frame);
  const total = histogram.reduce((sum, n) => sum + n, 0);
  const percentile = (share: number): number => {
    let seen = 0;
    for (const [value, count] of histogram.entries()) {
      seen += count;
      if (seen >= share * total) return value;
    }
    return 255;
  };
  const low = percentile(tail);
  const high = Math.max(percentile(1 - tail), low + rangeMin);
  const median = (percentile(0.5) - low) / (high - low);
  const isDark = median > medianNothing && median < medianDark;
  const gamma = isDark ? Math.max(gammaMin, Math.log(medianWanted) / Math.log(median)) : 1;
  const table = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value++) {
    table[value] = 255 * Math.min(Math.max((value - low) / (high - low), 0), 1) ** gamma;
  }
  return table;
}

/** The frame with every colour looked up in `table`. */
export function applyTable(frame: Raster, table: Uint8ClampedArray): Raster {
  const data = new Uint8ClampedArray(frame.data);
  for (let i = 0; i < data.length; i += 4) {
    data[i] = table[data[i] ?? 0] ?? 0;
    data[i + 1] = table[data[i + 1] ?? 0] ?? 0;
    data[i + 2] = table[data[i + 2] ?? 0] ?? 0;
  }
  return { width: frame.width, height: frame.height, data };
}

function luminanceOfCentre({ width, height, data }: Raster): Uint32Array {
  const histogram = new Uint32Array(256);
  for (let y = Math.floor(height * centre.top); y < height * centre.bottom; y += stride) {
    for (let x = Math.floor(width * centre.left); x < width * centre.right; x += stride) {
      const i = 4 * (y * width + x);
      // BT.601 in 8 bits.
      const grey = ((data[i] ?? 0) * 77 + (data[i + 1] ?? 0) * 150 + (data[i + 2] ?? 0) * 29) >> 8;
      histogram[grey] = (histogram[grey] ?? 0) + 1;
    }
  }
  return histogram;
}
