import { z } from 'zod';

/** To the last moment that a calendar can name (ECMA-262, "Time Values and Time Range"), ms. */
export const momentMaxMs = 8_640_000_000_000_000;

/**
 * When something was, as somebody else says it: ms since 1970, before it or after. No clock says a moment that no calendar can
 * name, and whoever wrote it as a date would fail.
 */
export const momentSchema = z.number().int().min(-momentMaxMs).max(momentMaxMs);
