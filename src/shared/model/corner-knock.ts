/** The hidden touches that lead to the number pad of service mode: corners of the screen, in order. */

export const corners = ['topLeft', 'topRight', 'bottomRight', 'bottomLeft'] as const;
export type Corner = (typeof corners)[number];
export const knockLength = { min: 5, max: 7 } as const;
/** Crosswise, so that a hand which wipes over the screen does not make it; then the first again. */
export const defaultKnock: readonly Corner[] = [
  'topLeft',
  'bottomRight',
  'topRight',
  'bottomLeft',
  'topLeft',
];

export type KnockFault = 'too_short' | 'too_long' | 'trivial';

/**
 * Why these may not be the hidden touches; null: they may. Trivial: what a child that beats on one corner, or a cloth that goes
 * round the edge, makes by itself.
 */
export function faultOfKnock(order: readonly Corner[]): KnockFault | null {
  if (order.length < knockLength.min) return 'too_short';
  if (order.length > knockLength.max) return 'too_long';
  // How far each touch goes round the edge: 0 the same corner again, 2 across.
  const steps = order.slice(1).map((corner, i) => stepBetween(order[i] ?? corner, corner));
  const crossCount = steps.filter((step) => step === 2).length;
  return new Set(order).size < 3 || steps.includes(0) || crossCount < 2 ? 'trivial' : null;
}

function stepBetween(from: Corner, to: Corner): number {
  return (corners.indexOf(to) - corners.indexOf(from) + corners.length) % corners.length;
}
