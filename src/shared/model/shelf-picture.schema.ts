import { z } from 'zod';
import { jpegLengthMax } from './shelf-watch.ts';

/** A picture of a shelf as it is kept and sent, in base64. */
export const jpegSchema = z
  .string()
  .max(jpegLengthMax)
  .regex(/^\/9j\/[A-Za-z0-9+/]+={0,2}$/);
