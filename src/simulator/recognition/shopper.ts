import type { SeededRandom } from '../../shared/random.ts';
import type { Piece, SimulatedCabinet } from './cabinet.ts';
import { articlesOfLane, laneCount } from './faults.ts';
import { shoppers } from './physics.ts';

/** One thing that a shopper does. */
export type Act =
  | { readonly kind: 'take'; readonly piece: Piece; readonly atMs: number }
  | { readonly kind: 'put'; readonly piece: Piece; readonly lane: number; readonly atMs: number }
  | { readonly kind: 'own'; readonly lane: number; readonly grams: number; readonly atMs: number };

export interface Plan {
  readonly acts: readonly Act[];
  readonly shutMs: number;
  readonly isQuick: boolean;
}

/** What one shopper does, in order: takes, dithers, puts back in the wrong place, swaps, puts in something of their own. */
export function planVisit(cabinet: SimulatedCabinet, random: SeededRandom, openMs: number): Plan {
  let atMs = openMs + random.between(800, 3_000);
  const acts: Act[] = [];
  const there = new Set(cabinet.pieces.filter((p) => p.lane !== null));
  const pick = (article?: number): Piece | undefined => {
    const of = [...there].filter((p) => article === undefined || p.article === article);
    const piece = of[random.between(0, Math.max(0, of.length - 1))];
    if (piece !== undefined) there.delete(piece);
    return piece;
  };
  const pause = (): void => {
    atMs += random.between(1_200, 6_000);
  };
  const take = (article?: number): Piece | undefined => {
    const piece = pick(article);
    if (piece === undefined) return undefined;
    acts.push({ kind: 'take', piece, atMs });
    pause();
    return piece;
  };
  const put = (piece: Piece, lane: number): void => {
    acts.push({ kind: 'put', piece, lane, atMs });
    if (lane === piece.lane) there.add(piece);
    pause();
  };
  const otherLane = (piece: Piece): number =>
    ((piece.lane ?? 0) + random.between(1, laneCount - 1)) % laneCount;

  for (let n = wantedOf(random); n > 0; n--) {
    if (random.chance(shoppers.dithers)) {
      const piece = take();
      if (piece !== undefined) put(piece, piece.lane ?? 0);
    }
    const piece = take();
    if (piece !== undefined && random.chance(shoppers.secondPiece)) take(piece.article);
  }
  if (random.chance(shoppers.misplaces)) {
    const piece = take();
    if (piece !== undefined) put(piece, otherLane(piece));
  }
  if (random.chance(shoppers.swaps)) {
    const [a, b] = [take(), take()];
    if (a !== undefined && b !== undefined && a.lane !== b.lane) {
      put(a, b.lane ?? 0);
      put(b, a.lane ?? 0);
    }
  }
  if (random.chance(shoppers.ownThingIn)) {
    const lane = random.between(0, laneCount - 1);
    const grams = random.between(50, 800);
    acts.push({ kind: 'own', lane, grams, atMs });
    pause();
    if (random.chance(0.7)) acts.push({ kind: 'own', lane, grams: -grams, atMs });
    pause();
  }
  const isQuick = random.chance(shoppers.quick);
  const last = acts.at(-1)?.atMs ?? openMs;
  return {
    acts,
    shutMs: last + (isQuick ? random.between(300, 900) : random.between(2_500, 8_000)),
    isQuick,
  };
}

function wantedOf(random: SeededRandom): number {
  let draw = random.unit();
  for (const [count, chance] of shoppers.wants.entries()) {
    draw -= chance;
    if (draw < 0) return count;
  }
  return random.between(5, 12);
}

/** Of the lane in which it is put down, an article whose front it may cover. */
export function frontBeside(random: SeededRandom, lane: number): number {
  return lane * articlesOfLane + random.between(0, articlesOfLane - 1);
}
