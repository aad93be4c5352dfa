import type { Corner } from '../../../shared/model/corner-knock.ts';

/** A part of the screen's shorter side: so near to two edges a touch is in a corner. */
const cornerShare = 0.16;
/** From one touch to the next on the average at most, ms. */
const touchMaxMs = 1_000;

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/** The hidden way to the number pad of service mode: touches in corners, in order. Nothing on the screen tells of it. */
export class CornerKnock {
  readonly #order: () => readonly Corner[];
  #done = 0;
  #beganMs = 0;

  /** `order`: as it is set now. */
  constructor(order: () => readonly Corner[]) {
    this.#order = order;
  }

  /** True: this touch was the last of them. */
  touch(x: number, y: number, { width, height }: ScreenSize, atMs: number): boolean {
    const corner = cornerOf(x, y, width, height);
    const order = this.#order();
    if (atMs - this.#beganMs > order.length * touchMaxMs) this.#done = 0;
    if (corner !== order[this.#done]) this.#done = 0;
    if (corner !== order[this.#done]) return false;
    if (this.#done === 0) this.#beganMs = atMs;
    this.#done++;
    if (this.#done < order.length) return false;
    this.#done = 0;
    return true;
  }
}

function cornerOf(x: number, y: number, width: number, height: number): Corner | null {
  const near = cornerShare * Math.min(width, height);
  const [isLeft, isRight] = [x < near, x > width - near];
  const [isTop, isBottom] = [y < near, y > height - near];
  if (isTop) return isLeft ? 'topLeft' : isRight ? 'topRight' : null;
  if (isBottom) return isLeft ? 'bottomLeft' : isRight ? 'bottomRight' : null;
  return null;
}

/** Calls when the hidden touches were made. To be put before the touch guard, which takes quick touches for a trembling hand. */
export function listenForKnock(page: Window, order: () => readonly Corner[], onKnock: () => void): void {
  const knock = new CornerKnock(order);
  page.addEventListener(
    'pointerdown',
    ({ clientX, clientY, timeStamp }) => {
      const size = { width: page.innerWidth, height: page.innerHeight };
      if (knock.touch(clientX, clientY, size, timeStamp)) onKnock();
    },
    { capture: true },
  );
}
