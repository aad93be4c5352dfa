/**
 * `npm run test:long`: what a search or a second database adds to `npm test`, which keeps to what fits in its time. A test
 * takes a size from here only where more of the same is all that a longer run adds.
 */
export const isLongRun = process.env['KAIMEN_LONG'] === '1';
