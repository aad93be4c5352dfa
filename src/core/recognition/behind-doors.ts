import { pieceCountMax } from '../../shared/model/basket.ts';
import type { DoorState } from '../../shared/model/device.ts';
import { doorMax } from '../../shared/model/lock-spec.ts';

/** Tags whose place is remembered; the longest known are forgotten first. */
const placedMax = 2 * pieceCountMax;

/**
 * Which goods lie behind which of several doors, and which of them were out of reach all through a visit: a tag that only
 * readers behind one door have heard lies there, and nobody has taken it while that door was bolted and read as shut. A
 * cabinet with one door, and readers that are not said to be behind one, know nothing of this.
 */
export class BehindDoors {
  /** The door behind which it was heard; null: behind several, or nobody knows. */
  readonly #placed = new Map<string, number | null>();
  /** Unlocked, or not read as shut, at some time since the visit's baseline. */
  readonly #opened = new Set<number>();
  #doors: readonly DoorState[] = [];

  /** `door`: of the reader that has heard them; undefined: not said. */
  heard(epcs: readonly string[], door: number | undefined): void {
    if (door === undefined && this.#placed.size === 0) return;
    for (const epc of epcs) {
      const before = this.#placed.get(epc);
      const place = door === undefined || (before !== undefined && before !== door) ? null : door;
      this.#placed.delete(epc);
      this.#placed.set(epc, place);
      if (this.#placed.size <= placedMax) continue;
      const [oldest] = this.#placed.keys();
      if (oldest !== undefined) this.#placed.delete(oldest);
    }
  }

  /** `doors`: each of several; undefined: there is one, or nobody sees any of them. */
  observe(doors: readonly DoorState[] | undefined): void {
    this.#doors = doors ?? this.#doors.map(() => 'unknown');
    this.#noteOpened();
  }

  /** Its bolt is let go: from now on it may be pulled, whatever its contact says. */
  released(door: number): void {
    this.#opened.add(door);
  }

  /** A baseline was made. */
  startVisit(): void {
    this.#opened.clear();
    this.#noteOpened();
  }

  /** The door before it has been bolted and shut since the baseline, without a break. */
  isOutOfReach(epc: string): boolean {
    const door = this.#placed.get(epc);
    return door != null && door <= this.#doors.length && !this.#opened.has(door);
  }

  /** Of these, what lies behind doors that have been shut since the baseline, for a restart; undefined: nothing. */
  memory(epcs: Iterable<string>): { door: number; tags: string[] }[] | undefined {
    const tagsOf = new Map<number, string[]>();
    for (const epc of epcs) {
      const door = this.#placed.get(epc);
      if (door == null || !this.isOutOfReach(epc)) continue;
      const tags = tagsOf.get(door) ?? [];
      tags.push(epc);
      tagsOf.set(door, tags);
    }
    return tagsOf.size === 0 ? undefined : [...tagsOf].map(([door, tags]) => ({ door, tags }));
  }

  /** As it was before the restart. All other doors count as opened; a door that is read as open, or not read, does from then on. */
  resumeVisit(shut: readonly { readonly door: number; readonly tags: readonly string[] }[]): void {
    this.#opened.clear();
    for (let door = 1; door <= doorMax; door++)
      if (!shut.some((one) => one.door === door)) this.#opened.add(door);
    for (const { door, tags } of shut) for (const epc of tags) this.#placed.set(epc, door);
  }

  #noteOpened(): void {
    for (const [index, door] of this.#doors.entries()) if (door !== 'closed') this.#opened.add(index + 1);
  }
}
