import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ElectronApplication, type Page, _electron } from 'playwright-core';

/**
 * Films for Chromium's file camera (`--use-file-for-fake-video-capture`), drawn from still pictures. What stands before
 * the camera is simulated with it, and nothing else: camera, page, worker and main are the product's.
 */
const frameSize = { width: 640, height: 480 } as const;
/** Somebody who stands and looks is never still. */
const swayPx = 2;

/** In pixels of the frame. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One picture in the frame. */
export interface Layer {
  /** Path of a PNG or JPEG file. */
  readonly picture: string;
  /** Where its middle is, in pixels of the frame; absent: the frame's middle. */
  readonly centre?: { readonly x: number; readonly y: number };
  readonly scale: number;
  readonly turnDegrees?: number;
  readonly mirrored?: boolean;
  /** The part of the frame that it is seen in. */
  readonly within?: Area;
  /** Head turned: the column `aboutX` of the picture moves by `byPx`, those further away than about `widthPx` hardly do. */
  readonly turn?: { readonly aboutX: number; readonly widthPx: number; readonly byPx: number };
}

export interface Shot {
  readonly layers: readonly Layer[];
  /** All light times this; 1 is as the picture is. */
  readonly light?: number;
  /** Painted over in black: sunglasses, a hand. */
  readonly cover?: Area;
}

/** What the studio's page has; here there are only Node's types. */
interface PageCanvas {
  getContext(kind: '2d'): PageContext | null;
  convertToBlob(options: { type: string; quality: number }): Promise<Blob>;
}
interface PageContext {
  fillStyle: string;
  globalCompositeOperation: string;
  imageSmoothingQuality: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  beginPath(): void;
  rect(x: number, y: number, width: number, height: number): void;
  clip(): void;
  save(): void;
  restore(): void;
  translate(x: number, y: number): void;
  rotate(radians: number): void;
  scale(x: number, y: number): void;
  drawImage(picture: PagePicture, ...place: number[]): void;
}
interface PagePicture {
  readonly width: number;
  readonly height: number;
}
declare const OffscreenCanvas: new (width: number, height: number) => PageCanvas;
declare function createImageBitmap(bytes: Blob): Promise<PagePicture>;

/** In the page: pictures by path. */
type Kept = { kaimenPictures?: Map<string, PagePicture> };

/** Draws shots in a window of its own, beside the app that looks at them. */
export class FilmStudio {
  readonly #app: ElectronApplication;
  readonly #page: Page;
  /** Pictures that the page has already. */
  readonly #loaded = new Set<string>();

  private constructor(app: ElectronApplication, page: Page) {
    this.#app = app;
    this.#page = page;
  }

  static async open(): Promise<FilmStudio> {
    const executablePath = process.env['KAIMEN_ELECTRON'];
    if (executablePath === undefined) throw new Error('KAIMEN_ELECTRON is not set: use the npm scripts');
    const folder = fileURLToPath(new URL('bare-window', import.meta.url));
    const isRoot = process.getuid?.() === 0;
    const args = [...(isRoot ? ['--no-sandbox'] : []), '--disable-gpu', folder];
    const app = await _electron.launch({ executablePath, args });
    return new FilmStudio(app, await app.firstWindow());
  }

  /** One picture as the camera would give it: JPEG, 640×480. */
  async shoot(shot: Shot): Promise<Buffer> {
    for (const { picture } of shot.layers) await this.#load(picture);
    return Buffer.from(await this.#page.evaluate(draw, { ...shot, ...frameSize }), 'base64');
  }

  /** Writes a film of somebody who holds each of these for so long, swaying a little. */
  async film(path: string, shots: readonly Shot[], framesEach: number): Promise<void> {
    const frames: Buffer[] = [];
    for (const shot of shots) {
      for (let i = 0; i < framesEach; i++) frames.push(await this.shoot(swayed(shot, frames.length)));
    }
    writeFileSync(path, Buffer.concat(frames));
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  async #load(path: string): Promise<void> {
    if (this.#loaded.has(path)) return;
    this.#loaded.add(path);
    const type = path.endsWith('.png') ? 'image/png' : 'image/jpeg';
    await this.#page.evaluate(keep, { path, type, base64: readFileSync(path).toString('base64') });
  }
}

function swayed(shot: Shot, frame: number): Shot {
  const dx = swayPx * Math.sin(frame / 3);
  const dy = swayPx * Math.cos(frame / 4);
  const middle = { x: frameSize.width / 2, y: frameSize.height / 2 };
  const layers = shot.layers.map((layer) => {
    const { x, y } = layer.centre ?? middle;
    return { ...layer, centre: { x: x + dx, y: y + dy } };
  });
  return { ...shot, layers };
}

/** Runs in the studio's page. */
async function keep(file: { path: string; type: string; base64: string }): Promise<void> {
  const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: file.type }));
  const here = globalThis as unknown as Kept;
  here.kaimenPictures ??= new Map();
  here.kaimenPictures.set(file.path, picture);
}

/** Runs in the studio's page; the file as base64. */
async function draw(drawing: Shot & { width: number; height: number }): Promise<string> {
  const { width, height, layers, light = 1, cover } = drawing;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2d context');
  context.fillStyle = '#808080';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  for (const { picture: path, centre, scale, turnDegrees = 0, mirrored = false, turn, within } of layers) {
    const picture = (globalThis as unknown as Kept).kaimenPictures?.get(path);
    if (picture === undefined) throw new Error(`no picture ${path}`);
    context.save();
    if (within !== undefined) {
      context.beginPath();
      context.rect(within.x, within.y, within.width, within.height);
      context.clip();
    }
    context.translate(centre?.x ?? width / 2, centre?.y ?? height / 2);
    context.rotate((turnDegrees * Math.PI) / 180);
    context.scale(mirrored ? -scale : scale, scale);
    context.translate(-picture.width / 2, -picture.height / 2);
    if (turn === undefined) context.drawImage(picture, 0, 0);
    else {
      // A column at a time, each as wide as the gap to the next one.
      const placeOf = (x: number): number =>
        x + turn.byPx * Math.exp(-(((x - turn.aboutX) / turn.widthPx) ** 2));
      for (let x = 0; x < picture.width; x++) {
        const to = placeOf(x);
        context.drawImage(picture, x, 0, 1, picture.height, to, 0, placeOf(x + 1) - to + 0.5, picture.height);
      }
    }
    context.restore();
  }
  if (light !== 1) {
    const over = light > 1;
    context.globalCompositeOperation = over ? 'lighter' : 'multiply';
    const level = Math.round(255 * (over ? light - 1 : light));
    context.fillStyle = `rgb(${level} ${level} ${level})`;
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = 'source-over';
  }
  if (cover !== undefined) {
    context.fillStyle = '#000';
    context.fillRect(cover.x, cover.y, cover.width, cover.height);
  }
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
  const out = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (const byte of out) text += String.fromCharCode(byte);
  return btoa(text);
}
