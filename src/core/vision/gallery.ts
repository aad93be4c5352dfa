import { assert } from '../../shared/assert.ts';
import type { GalleryMessage } from '../../shared/model/goods-view.schema.ts';
import type { Descriptor } from './head.ts';
import { dot, unit } from './linear.ts';

export interface Reference {
  readonly descriptor: Descriptor;
  /** Pictures of one session share light and place: those of several say more. */
  readonly session: string;
}

/** What the articles of one cabinet look like. Belongs to one head: descriptors of two heads say nothing to each other. */
export interface Gallery {
  readonly headVersion: string;
  readonly articles: readonly Article[];
  /** The cabinet's own empty slots, where such pictures are there. */
  readonly empty: Article | null;
}

export interface Article {
  readonly sku: string;
  readonly references: readonly Reference[];
  /** Of length one, in the middle of the references. */
  readonly centroid: Descriptor;
}

export const referencesMax = 12;
/** An article that is known by so many pictures is known well enough. */
export const referencesEnough = 6;
/** A reference that is so little like the others is a mistake. */
const contradiction = 0.2;
/** Articles whose centroids are so near must never be told apart by pictures alone. */
const twinsFrom = 0.5;

export function article(sku: string, references: readonly Reference[]): Article {
  assert(references.length > 0, 'an article has a reference');
  return { sku, references, centroid: centroidOf(references) };
}

/**
 * With one reference more. Of more than `referencesMax` the oldest of the session that has the most goes; one that the
 * others contradict is not taken, once there are enough of them to say so.
 */
export function withReference(known: Article, added: Reference): Article {
  const votersMin = 3;
  if (known.references.length >= votersMin && dot(known.centroid, added.descriptor) < contradiction)
    return known;
  const references = [...known.references, added];
  if (references.length > referencesMax) {
    const sizes = new Map<string, number>();
    for (const { session } of references) sizes.set(session, (sizes.get(session) ?? 0) + 1);
    const most = Math.max(...sizes.values());
    references.splice(
      references.findIndex(({ session }) => sizes.get(session) === most),
      1,
    );
  }
  return article(known.sku, references);
}

/** Pairs that pictures alone never decide between; the panel says so when goods are planned. */
export function twinsOf({ articles }: Gallery): (readonly [string, string])[] {
  return articles.flatMap((one, i) =>
    articles
      .slice(i + 1)
      .filter((other) => dot(one.centroid, other.centroid) >= twinsFrom)
      .map((other) => [one.sku, other.sku] as const),
  );
}

/** A gallery as it is stored and sent; `numbersOf`: of a descriptor as text. */
export function galleryFrom(
  { headVersion, articles, empty }: GalleryMessage,
  numbersOf: (text: string) => Descriptor,
): Gallery {
  const of = (sku: string, references: readonly string[]): Article =>
    article(
      sku,
      references.map((text) => ({ descriptor: numbersOf(text), session: '' })),
    );
  return {
    headVersion,
    articles: articles.map(({ sku, references }) => of(sku, references)),
    empty: empty.length === 0 ? null : of('empty', empty),
  };
}

function centroidOf(references: readonly Reference[]): Descriptor {
  const sum = new Float32Array(references[0]?.descriptor.length ?? 0);
  for (const { descriptor } of references) descriptor.forEach((value, i) => (sum[i] = sum[i]! + value));
  return unit(sum);
}
