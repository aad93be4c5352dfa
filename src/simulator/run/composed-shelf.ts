import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { catalogFolder } from '../catalog.ts';
import { type FilmPicture, filmHeight, filmWidth, runFilm } from './running-film.ts';

/**
 * Two shelves of the simulated cabinet as a camera inside might see them: composed of the pictures of the catalogue, on a wall and
 * boards that are drawn. No photograph of a shelf. What stands there is what stands in the simulated cabinet.
 */
type Place = 'shelf' | 'wrong_shelf' | 'hand';
interface Piece {
  readonly sku: string | null;
  readonly place: Place;
  readonly shelf?: number | null | undefined;
}

/** From left to right, each piece with a place of its own: none stands behind another one. */
const rows = [
  { shelf: 3, skus: ['yoghurt-cup', 'potato-chips-original', 'potato-chips-tomato'] },
  { shelf: 4, skus: ['whole-wheat-crackers', 'chocolate-bar', 'rice-ball'] },
] as const;
const piecesOf: Readonly<Record<string, number>> = { 'potato-chips-original': 3, 'chocolate-bar': 3 };
const piecesElse = 2;
const columns = 7;
const size = { width: 112, height: 196 } as const;
const floors = [262, 520] as const;

interface Front {
  readonly sku: string;
  readonly shelf: number;
  readonly left: number;
  readonly top: number;
}
const fronts: readonly Front[] = rows.flatMap(({ shelf, skus }, row) =>
  skus
    .flatMap((sku) => Array.from({ length: piecesOf[sku] ?? piecesElse }, () => sku))
    .map((sku, column) => ({
      sku,
      shelf,
      left: Math.round(((column + 0.5) * filmWidth) / columns - size.width / 2),
      top: (floors[row] ?? 0) - size.height,
    })),
);

/** Where each front stands, as the settings of the camera say it: as shares of its picture. */
export const composedSlots = fronts.map(({ sku, left, top }) => ({
  sku,
  left: left / filmWidth,
  top: top / filmHeight,
  width: size.width / filmWidth,
  height: size.height / filmHeight,
}));

export class ComposedShelf {
  readonly #path: string;
  readonly #goods = new Map<string, Buffer>();
  #isRunning = false;

  /** `path`: the film that Chromium shows in place of a camera. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The camera sees these from now on. */
  async show(pieces: readonly Piece[]): Promise<void> {
    runFilm(this.#path, await this.#compose(pieces), this.#isRunning);
    this.#isRunning = true;
  }

  async #compose(pieces: readonly Piece[]): Promise<FilmPicture> {
    const layers: OverlayOptions[] = [];
    const free = new Map<number, Front[]>();
    for (const front of fronts) {
      const place = fronts.filter(({ sku }) => sku === front.sku).indexOf(front);
      const there = pieces.filter(({ sku, place: at }) => sku === front.sku && at === 'shelf').length;
      // The front piece on the left is the one that a hand takes.
      const isTaken = place < (piecesOf[front.sku] ?? piecesElse) - there;
      if (isTaken) free.set(front.shelf, [...(free.get(front.shelf) ?? []), front]);
      else layers.push(await this.#layer(front.sku, front));
    }
    // What was put down elsewhere stands in the first gap, or before what stands there.
    for (const { sku, place, shelf } of pieces) {
      if (place !== 'wrong_shelf' && sku !== null) continue;
      const at = free.get(shelf ?? 0)?.shift() ?? fronts.find((one) => one.shelf === shelf);
      if (at !== undefined) layers.push(await this.#layer(sku, at));
    }
    const picture = sharp(Buffer.from(backdrop)).composite(layers).removeAlpha().raw();
    return { rgb: await picture.toBuffer() };
  }

  async #layer(sku: string | null, { left, top }: Front): Promise<OverlayOptions> {
    const name = sku ?? '';
    const known = this.#goods.get(name);
    const input = known ?? (await pictureOf(sku));
    this.#goods.set(name, input);
    return { input, left, top };
  }
}

/** `null`: a box that nobody knows. */
function pictureOf(sku: string | null): Promise<Buffer> {
  const drawn = sku === null ? sharp(Buffer.from(foreignBox)) : sharp(join(catalogFolder, `${sku}.svg`));
  const fit = { ...size, fit: 'contain', position: 'bottom', background: '#0000' } as const;
  return drawn.resize(fit).png().toBuffer();
}

/** A wall of perforated sheet, two boards with price rails, and light from above. */
const holes = Array.from({ length: 31 * 17 }, (_, i) => {
  const [x, y] = [16 + (i % 31) * 31, 18 + Math.floor(i / 31) * 31];
  return `<circle cx="${x}" cy="${y}" r="${3 + ((i * 7) % 3)}" fill="#5d6468"/>`;
}).join('');
const boards = floors
  .map(
    (y, i) =>
      `<rect x="0" y="${y}" width="960" height="20" fill="#3b4043"/>` +
      Array.from(
        { length: columns },
        (_, column) =>
          `<rect x="${14 + column * 137}" y="${y + 3}" width="${60 + ((column * 13 + i * 29) % 40)}" height="14" ` +
          `fill="${['#f4f1e8', '#ffe08a', '#cfe8d4'][(column + i) % 3] ?? '#fff'}"/>`,
      ).join(''),
  )
  .join('');
const backdrop =
  `<svg xmlns="http://www.w3.org/2000/svg" width="${filmWidth}" height="${filmHeight}">` +
  '<defs><linearGradient id="wall" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="#b9c0c4"/>' +
  '<stop offset="1" stop-color="#868e93"/></linearGradient></defs>' +
  `<rect width="960" height="540" fill="url(#wall)"/>${holes}${boards}</svg>`;
const foreignBox =
  '<svg xmlns="http://www.w3.org/2000/svg" width="112" height="150"><rect width="112" height="150" fill="#b08a57"/>' +
  '<path d="M0 40h112M56 0v150" stroke="#8a6a3e" stroke-width="6"/></svg>';
