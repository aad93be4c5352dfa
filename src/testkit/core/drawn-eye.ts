import { ShelfEye, type ShelfEyeOptions } from '../../core/vision/shelf-eye.ts';
import { goodsReportSchema } from '../../shared/model/goods-view.schema.ts';
import { seeColour } from './seen-shelf.ts';

/**
 * What the hidden view does with pictures, over drawn ones: goods are told by their colours, nothing is packed as JPEG, and what
 * is said goes through the table of calls as between two processes.
 */
export function drawnEye({
  clock,
  grab,
  gallery,
  say,
}: Pick<ShelfEyeOptions, 'clock' | 'grab' | 'gallery' | 'say'>): ShelfEye {
  return new ShelfEye({
    clock,
    grab,
    gallery,
    seer: () => Promise.resolve({ headVersion: 'colours', see: seeColour }),
    jpegOf: () => Promise.resolve('/9j/AAAA'),
    base64Of: (bytes) => Buffer.from(bytes).toString('base64'),
    pictureOf: ({ width, height, grey }) => {
      const values = Buffer.from(grey, 'base64');
      const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => values[Math.floor(i / 3)] ?? 0);
      return { width, height, rgb };
    },
    say: (nonce, report) => {
      say(nonce, goodsReportSchema.parse(JSON.parse(JSON.stringify(report))));
    },
  });
}
