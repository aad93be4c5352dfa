import type { LocalText } from '../../shared/model/catalog.schema.ts';
import type { PlanSlot } from '../../shared/model/planogram.schema.ts';
import type { HeatMap } from '../../shared/model/self-test.schema.ts';
import { heatMapLimits } from '../../shared/model/self-test.ts';
import { tagNumberOf } from '../basket/tag-lookup.ts';

/** What the tags of a cabinet hang on, and where each article is to stand. */
export interface Placing {
  readonly slots: readonly Pick<PlanSlot, 'sku' | 'slot' | 'lane'>[];
  readonly nameOf: (sku: string) => LocalText | null;
  /** Null: nothing certain says so. */
  readonly skuOf: (epc: string) => string | null;
}

interface Read {
  readonly epc: string;
  readonly antenna: number | null;
}

type Place = HeatMap['places'][number];

/**
 * How often each antenna has heard the tags of each place. A place is what the plan names as one (its slot, else its lane, else
 * the article alone); a planned place that was not heard is in it with zeros, for that is what is looked for. Tags that hang on
 * no article stand last, as one place without a name.
 */
export function heatMap(reads: readonly Read[], known: readonly number[], placing: Placing): HeatMap {
  const heard = reads.flatMap(({ antenna }) => antenna ?? []);
  const antennas = [...new Set([...known, ...heard])]
    .sort((a, b) => a - b)
    .slice(0, heatMapLimits.antennaCount);
  const columns: readonly (number | null)[] = antennas.length === 0 ? [null] : antennas;
  const places = new Map<string, { place: Place; tags: Set<string> }>();
  const keyOf = new Map<string, string>();
  const put = (key: string, sku: string | null, where: Pick<Place, 'slot' | 'lane'>): void => {
    const there = places.get(key);
    const name = sku === null ? null : placing.nameOf(sku);
    const place = there?.place ?? { ...where, names: [], tagCount: 0, reads: columns.map(() => 0) };
    if (name !== null && place.names.length < heatMapLimits.nameCount) place.names.push(name);
    places.set(key, { place, tags: there?.tags ?? new Set() });
    if (sku !== null) keyOf.set(sku, key);
  };
  for (const { sku, slot, lane } of [...placing.slots].sort(byPlace))
    put(slot === null ? (lane === null ? `sku ${sku}` : `lane ${lane}`) : `slot ${slot}`, sku, {
      slot,
      lane,
    });
  const skus = new Map<string, string | null>();
  for (const { epc, antenna } of reads) {
    const tag = tagNumberOf(epc);
    if (!skus.has(tag)) skus.set(tag, placing.skuOf(tag));
    const sku = skus.get(tag) ?? null;
    const key = sku === null ? 'none' : (keyOf.get(sku) ?? `sku ${sku}`);
    if (!places.has(key)) put(key, sku, { slot: null, lane: null });
    const there = places.get(key);
    const column = columns.indexOf(antenna);
    if (there === undefined) continue;
    there.tags.add(tag);
    if (column >= 0) there.place.reads[column] = (there.place.reads[column] ?? 0) + 1;
  }
  const all = [...places].map(([key, { place, tags }]) => ({
    key,
    place: { ...place, tagCount: tags.size },
  }));
  const named = all.filter(({ key }) => key !== 'none').slice(0, heatMapLimits.placeCount - 1);
  return {
    antennas,
    places: [...named, ...all.filter(({ key }) => key === 'none')].map(({ place }) => place),
  };
}

/** As somebody walks along the shelves: slots by their words, then lanes, then what has neither. */
function byPlace(a: Placing['slots'][number], b: Placing['slots'][number]): number {
  if (a.slot !== null && b.slot !== null) return a.slot.localeCompare(b.slot, 'en', { numeric: true });
  if (a.slot !== null || b.slot !== null) return a.slot === null ? 1 : -1;
  return (a.lane ?? Infinity) === (b.lane ?? Infinity) ? 0 : (a.lane ?? Infinity) - (b.lane ?? Infinity);
}
