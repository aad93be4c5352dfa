import { z } from 'zod';

/** How the screens speak and how large their letters are, as the shopper has chosen; the same on page and face view. */
export const displaySchema = z.object({ language: z.enum(['zh', 'en']), largeText: z.boolean() }).strict();
export type Display = z.infer<typeof displaySchema>;
