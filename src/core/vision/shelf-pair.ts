import { changeMapOf, changedShare } from './change-map.ts';
import type { Gallery } from './gallery.ts';
import type { Descriptor } from './head.ts';
import { type Judgement, judge, labelOf } from './judgement.ts';
import type { Picture, Region } from './picture.ts';
import { aligned, register } from './registration.ts';
import { type SlotVerdict, accountedFor, changedFrom, slotVerdict } from './slot-verdict.ts';
import { type UnusableReason, unusableBecause, unusableBeside } from './usable.ts';

/** One front of goods, in pixels of the earlier picture. */
export interface SlotRegions {
  /** Where a change is looked for, … */
  readonly changes: Region;
  /** … and what is looked at to say what is there. */
  readonly crop: Region;
}

/** Why two pictures say nothing: that is "no picture", never "no change". */
export type NoPair = UnusableReason | 'no-match';

export interface SlotFinding {
  /** Share of its blocks that changed. */
  readonly share: number;
  /** What its own two looks say … */
  readonly alone: SlotVerdict;
  /** … and what is left of that beside the other slots. */
  readonly verdict: SlotVerdict;
  /** What was seen there before and after; null: nothing changed, and nobody looked. */
  readonly looks: { readonly before: Judgement; readonly after: Judgement } | null;
}

export type PairFindings =
  | { readonly kind: 'no-picture'; readonly why: NoPair }
  | {
      readonly kind: 'compared';
      readonly agreement: number;
      readonly slots: readonly SlotFinding[];
    };

/** The later picture as the earlier camera would have taken it; or why it says nothing beside that. */
export type Overlay =
  | { readonly kind: 'no-picture'; readonly why: NoPair }
  | { readonly kind: 'over'; readonly later: Picture; readonly agreement: number };

/** What is done with a pair, in this order; for whoever measures it. */
export type PairStep = 'register' | 'align' | 'map';

export function laidOver(
  before: Picture,
  after: Picture,
  done: (step: PairStep) => void = () => undefined,
): Overlay {
  const why = unusableBecause(after);
  if (why !== null) return { kind: 'no-picture', why };
  const registered = register(before, after);
  done('register');
  if (!registered.ok) return { kind: 'no-picture', why: 'no-match' };
  const { similarity, agreement } = registered.value;
  const beside = unusableBeside(before, after, registered.value);
  if (beside !== null) return { kind: 'no-picture', why: beside };
  const later = aligned(after, similarity);
  done('align');
  return { kind: 'over', later, agreement };
}

/** By slot: the share of its blocks that differ. `later`: laid over the earlier one. */
export function changedShares(
  earlier: Picture,
  later: Picture,
  slots: readonly SlotRegions[],
): readonly number[] {
  const map = changeMapOf(earlier, later);
  return slots.map(({ changes }) => changedShare(map, changes));
}

/**
 * Two pictures of one shelf, slot by slot: what `npm run goods:eval` measures, and what a cabinet does after a visit. Only what
 * changed is looked at (`see`). `taken`: what the visit has taken before, one entry each.
 */
export async function judgePair(options: {
  readonly before: Picture;
  readonly after: Picture;
  readonly slots: readonly SlotRegions[];
  readonly gallery: Gallery;
  readonly see: (picture: Picture, region: Region) => Promise<Descriptor>;
  readonly taken?: readonly string[];
  readonly done?: (step: PairStep) => void;
}): Promise<PairFindings> {
  const { before, after, slots, gallery, see, taken = [], done } = options;
  const overlay = laidOver(before, after, done);
  if (overlay.kind === 'no-picture') return overlay;
  const { later, agreement } = overlay;
  const shares = changedShares(before, later, slots);
  done?.('map');
  const judged: Omit<SlotFinding, 'verdict'>[] = [];
  for (const [i, { crop }] of slots.entries()) {
    const share = shares[i] ?? 0;
    if (share < changedFrom) {
      judged.push({ share, alone: { kind: 'unchanged' }, looks: null });
      continue;
    }
    const looks = {
      before: judge(gallery, await see(before, crop)),
      after: judge(gallery, await see(later, crop)),
    };
    judged.push({ share, alone: slotVerdict(share, labelOf(looks.before), labelOf(looks.after)), looks });
  }
  const verdicts = accountedFor(
    judged.map(({ alone }) => alone),
    taken,
  );
  return {
    kind: 'compared',
    agreement,
    slots: judged.map((one, i) => ({ ...one, verdict: verdicts[i] ?? one.alone })),
  };
}
