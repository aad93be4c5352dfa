import type { View } from '../recognition/fusion/fused-observation.ts';
import type { Judgement } from './judgement.ts';
import type { SlotFinding } from './shelf-pair.ts';

/** Chance that something has left a slot whose blocks stayed as they were: none of 885 changed slots was missed (docs/goods.md). */
const leftUnseen = 0.02;
/** Something is not as it was, and nobody can tell what: neither for nor against. */
const doubtful = { changed: 0.5, named: 0.4 } as const;

type Say = { readonly weight: number; readonly view: Omit<View, 'sku'> | null };
const untouched: Say = { weight: 0, view: { changed: leftUnseen, named: 0.5 } };
/** The piece behind may have moved up, or the same one was turned. */
const silent: Say = { weight: 1, view: null };
const inDoubt: Say = { weight: 2, view: doubtful };

/**
 * What the slots of one camera say of the articles that stand in them, as chances. An article with several fronts has one say:
 * that of the front of which most is known to have left; and of one that stood in another's place, what was seen there.
 */
export function viewsOfSlots(
  slots: readonly { readonly sku: string }[],
  findings: readonly SlotFinding[],
): readonly View[] {
  const says = new Map<string, Say>();
  const say = (sku: string, said: Say): void => {
    const before = says.get(sku);
    if (before === undefined || said.weight > before.weight) says.set(sku, said);
  };
  for (const [i, { sku }] of slots.entries()) {
    const finding = findings[i];
    if (finding === undefined) continue;
    const { verdict, looks } = finding;
    if (verdict.kind === 'unchanged') say(sku, untouched);
    else if (verdict.kind === 'nudged') say(sku, silent);
    else if (verdict.kind === 'doubt' || looks === null) say(sku, inDoubt);
    else if (verdict.before === null) say(sku, silent);
    else {
      const gone = verdict.before;
      say(gone, leftOf(gone, looks));
      if (gone !== sku && slots.some((one) => one.sku === sku)) say(sku, leftOf(sku, looks, 3));
    }
  }
  return [...says].flatMap(([sku, { view }]) => (view === null ? [] : [{ sku, ...view }]));
}

/** Something has left that slot for certain; whether it was this. */
function leftOf(sku: string, { before, after }: NonNullable<SlotFinding['looks']>, weight = 4): Say {
  const chanceOf = ({ matches }: Judgement): number =>
    matches.find((match) => match.sku === sku)?.probability ?? 0;
  return { weight, view: { changed: 1 - chanceOf(after), named: chanceOf(before) } };
}
