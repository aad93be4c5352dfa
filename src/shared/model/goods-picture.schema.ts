import { z } from 'zod';
import { keptPictureForm, pictureMaxBytes, pictureTypes } from './goods-picture.ts';

export const keptPictureSchema = z.string().regex(keptPictureForm);
export const pictureSchema = z.object({
  type: z.enum(pictureTypes),
  data: z.base64().max(Math.ceil(pictureMaxBytes / 3) * 4),
});
export type GoodsPicture = z.infer<typeof pictureSchema>;
