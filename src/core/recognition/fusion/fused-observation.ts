/**
 * What one device reports to the fused estimator. `atMs`: the cabinet's own monotonic time. Its quality is in what it says: how
 * long a silence is, whether a weight rests, how sure a picture is.
 */
export type FusedObservation = { readonly deviceId: string; readonly atMs: number } & (
  | {
      readonly kind: 'tags';
      /** Every tag of this antenna has been heard since then, but for the silent ones. */
      readonly listenedSinceMs: number;
      readonly silent: readonly SilentTag[];
      /** Tags that belong before other antennas, and that it hears and has not lost since. */
      readonly strays: readonly string[];
    }
  | {
      readonly kind: 'weight';
      readonly grams: number | null;
      readonly isStable: boolean;
      readonly isRepeated?: boolean;
    }
  /** Each article that this camera sees; one that is left out has no picture. */
  | { readonly kind: 'pictures'; readonly views: readonly View[] }
  /** A code of this article was held before the scanner. */
  | { readonly kind: 'barcode'; readonly sku: string }
  /** The device is gone: what it said last says nothing any more. */
  | { readonly kind: 'lost' }
);

/** A tag of the baseline that an antenna used to hear, and does not. */
export interface SilentTag {
  readonly epc: string;
  /** The chance that it is as silent as that although it is there and heard as ever. */
  readonly missChance: number;
}

export interface View {
  readonly sku: string;
  /** Chance that something has left the front of this article, and that it was this article. */
  readonly changed: number;
  readonly named: number;
}
