import type { Row } from './simulation.ts';

const plain = { shadows: 1, noise: 1 } as const;
const doubledShadows = { shadows: 2, noise: 1 } as const;
const sets = {
  tags: { tags: true, scales: false, cameras: false },
  scales: { tags: false, scales: true, cameras: false },
  'tags + scales': { tags: true, scales: true, cameras: false },
  'tags + scales + vision': { tags: true, scales: true, cameras: true },
} as const;
const all = sets['tags + scales + vision'];

/** The rows of the table. */
export const rows: readonly Row[] = [
  { name: 'baseline: last tag difference', has: sets.tags, estimator: 'last-tag-difference' as const },
  { name: 'baseline: nearest weight', has: sets.scales, estimator: 'nearest-weight' as const },
  ...Object.entries(sets).map(([name, has]) => ({ name, has, estimator: 'fused' as const })),
].flatMap(({ name, has, estimator }): Row[] => [
  { name, has, estimator, physics: plain, losesOne: false },
  { name: `${name}, shadows doubled`, has, estimator, physics: doubledShadows, losesOne: false },
  ...(estimator === 'fused'
    ? [{ name: `${name}, one device lost`, has, estimator, physics: plain, losesOne: true }]
    : []),
]);

/** All that is noise doubled, for the sensors that the aims are for. */
export const doubledNoise: Row = {
  name: 'tags + scales + vision, all noise doubled',
  has: all,
  estimator: 'fused',
  physics: { shadows: 2, noise: 2 },
  losesOne: false,
};
