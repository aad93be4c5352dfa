import { isKeptPicture, keptPicturePath } from '../../../shared/model/goods-picture.ts';
import { type Tint, tints } from '../theme/tints.ts';

export interface Picture {
  readonly url: string;
  readonly tint: Tint;
}

/** Every drawing that ships with the app, by file name. The drawing itself names its ground (data-tint). */
const sources = import.meta.glob<string>('../../../../resources/catalog/*.svg', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** A plain carton, for goods whose picture this version does not have. */
const carton =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 220" data-tint="grey"><path ` +
  `d="M44 78h112v132a8 8 0 0 1-8 8H52a8 8 0 0 1-8-8z" fill="#c9b595"/><path d="M44 ` +
  `78l18-30h76l18 30z" fill="#b39d79"/><path d="M90 48h20v66l-10-8-10 8z" ` +
  `fill="#efe3cd"/></svg>`;

const known: ReadonlyMap<string, Picture> = new Map(
  Object.entries(sources).map(([path, svg]) => [nameOf(path), toPicture(svg)]),
);
const unknown = toPicture(carton);

/** The picture of that name: of ours, or one that came from the operator; else a plain carton. */
export function pictures(name: string): Picture {
  const kept = isKeptPicture(name) ? { url: keptPicturePath + name, tint: unknown.tint } : unknown;
  return known.get(name) ?? kept;
}

/** What is drawn where a picture has not come yet. */
export const cartonUrl = unknown.url;

export function hasPicture(name: string): boolean {
  return known.has(name);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, -'.svg'.length);
}

function toPicture(svg: string): Picture {
  const named = /data-tint="([a-z]+)"/.exec(svg)?.[1];
  return {
    url: `data:image/svg+xml,${encodeURIComponent(svg)}`,
    tint: tints.find((t) => t === named) ?? 'grey',
  };
}
