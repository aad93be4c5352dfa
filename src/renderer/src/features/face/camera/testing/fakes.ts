import type { Pictures } from '../pictures.ts';

/** What a camera sees: each `show` is one picture. */
export class FakePictures implements Pictures {
  readonly bitmaps: { closed: boolean }[] = [];
  followed = false;
  #grey: Uint8Array = new Uint8Array();
  #onPicture: () => void = () => undefined;
  #noise = 0;

  onPicture(onPicture: () => void): () => void {
    this.followed = true;
    this.#onPicture = onPicture;
    return () => {
      this.followed = false;
      this.#onPicture = () => undefined;
    };
  }
  grey(): Uint8Array {
    return this.#grey;
  }
  bitmap(): Promise<ImageBitmap> {
    const made = { width: 640, height: 480, closed: false, close: () => void (made.closed = true) };
    this.bitmaps.push(made);
    return Promise.resolve(made);
  }
  show(grey: Uint8Array): void {
    this.#grey = grey;
    this.#onPicture();
  }
  showScene(): void {
    this.show(scene(++this.#noise));
  }
  showBlack(): void {
    this.show(darkness(++this.#noise));
  }
}

/** Something to see; no two `n` are equal, as no two pictures of a sensor are. */
export function scene(n: number): Uint8Array {
  return Uint8Array.from({ length: 300 }, (_, i) => 60 + ((i * 7 + n * 13) % 120));
}
/** A covered lens: nothing but noise. */
export function darkness(n: number): Uint8Array {
  return Uint8Array.from({ length: 300 }, (_, i) => (i * 5 + n * 3) % 9);
}
