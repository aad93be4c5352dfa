import { z } from 'zod';
import { pictureTypes } from '../model/goods-picture.ts';

/** What a member has said of a purchase by phone. */
export const phoneReportSchema = z.object({
  chargeId: z.string(),
  /** In their words, newest last. */
  words: z.array(z.object({ disputeId: z.string(), text: z.string(), atMs: z.number() })),
  photos: z.array(
    z.object({
      photoId: z.number(),
      contentType: z.enum(pictureTypes),
      byteCount: z.number(),
      atMs: z.number(),
    }),
  ),
});
export type PhoneReport = z.infer<typeof phoneReportSchema>;
