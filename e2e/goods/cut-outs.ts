import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import * as z from 'zod';
import { type Region, resampled } from '../../src/core/vision/picture.ts';
import type { Pack } from '../../src/testkit/goods/folder.ts';
import { decode } from './network.ts';
import type { CutOut } from './shelf.ts';

/** An annotation of Supervisely: the mask is a compressed PNG whose first pixel lies at `origin`. */
const annotationSchema = z.object({
  objects: z.array(
    z.object({
      geometryType: z.string(),
      bitmap: z.object({ data: z.base64(), origin: z.tuple([z.int(), z.int()]) }).optional(),
    }),
  ),
});

/** As large as it can be needed on a shelf. */
const cutOutHeight = 240;
const cutOutWidthMax = 336;

/** A pack without what is around it; null when picture or mask cannot be read. */
export async function cutOut({ sku, picture: path, annotation }: Pack): Promise<CutOut | null> {
  const picture = await decode(path);
  if (picture === null) return null;
  let mask: { data: Uint8Array; width: number; height: number; left: number; top: number };
  try {
    const parsed = annotationSchema.parse(JSON.parse(await readFile(annotation, 'utf8')));
    const bitmap = parsed.objects.find(({ geometryType }) => geometryType === 'bitmap')?.bitmap;
    if (bitmap === undefined) return null;
    const { data, info } = await sharp(inflateSync(Buffer.from(bitmap.data, 'base64')))
      .ensureAlpha()
      .extractChannel('alpha')
      .raw()
      .toBuffer({ resolveWithObject: true });
    mask = { data, width: info.width, height: info.height, left: bitmap.origin[0], top: bitmap.origin[1] };
  } catch {
    return null;
  }
  const region = boundsOf(mask, picture.width, picture.height);
  if (region === null) return null;
  const scale = Math.min(cutOutHeight / region.height, cutOutWidthMax / region.width);
  const width = Math.max(8, Math.round(region.width * scale));
  const height = Math.max(8, Math.round(region.height * scale));
  const coverage = new Uint8Array(picture.rgb.length);
  for (let y = 0; y < mask.height; y++)
    for (let x = 0; x < mask.width; x++) {
      const [px, py] = [x + mask.left, y + mask.top];
      if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) continue;
      coverage.fill(
        mask.data[y * mask.width + x]!,
        3 * (py * picture.width + px),
        3 * (py * picture.width + px) + 3,
      );
    }
  const colours = resampled(picture, region, width, height);
  const there = resampled({ ...picture, rgb: coverage }, region, width, height);
  const rgba = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    rgba.set(colours.rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    rgba[4 * i + 3] = there.rgb[3 * i]!;
  }
  return { sku, width, height, rgba };
}

function boundsOf(
  {
    data,
    width,
    height,
    left,
    top,
  }: { data: Uint8Array; width: number; height: number; left: number; top: number },
  pictureWidth: number,
  pictureHeight: number,
): Region | null {
  let [x0, y0, x1, y1] = [pictureWidth, pictureHeight, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[y * width + x]! < 128) continue;
      x0 = Math.min(x0, x + left);
      y0 = Math.min(y0, y + top);
      x1 = Math.max(x1, x + left);
      y1 = Math.max(y1, y + top);
    }
  if (x1 < x0 || x0 < 0 || y0 < 0 || x1 >= pictureWidth || y1 >= pictureHeight) return null;
  return { left: x0, top: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}
