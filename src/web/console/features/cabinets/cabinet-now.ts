import type { KnownCabinet } from '../../../../shared/console/fleet.schema.ts';
import type { Words } from '../../i18n/shape.ts';
import type { ChipLook } from '../../ui/bits.tsx';

/** How a cabinet is, in a few words, and how grave that is. `isToBeLooked`: somebody has to look after it. */
export interface CabinetLook {
  readonly look: ChipLook;
  readonly text: string;
  readonly isToBeLooked: boolean;
}

/** `time`: as moments are written. */
export function lookOfCabinet(
  { enrolledAtMs, now }: Pick<KnownCabinet, 'enrolledAtMs' | 'now'>,
  words: Words['cabinetState'],
  time: (atMs: number) => string,
): CabinetLook {
  if (enrolledAtMs === null) return { look: 'care', text: words.waits, isToBeLooked: false };
  if (now === null) return { look: 'plain', text: words.noWord, isToBeLooked: false };
  if (now.isSilent) return { look: 'bad', text: words.silent(time(now.heardAtMs)), isToBeLooked: true };
  if (now.state === 'outOfService')
    return { look: 'bad', text: words.stands(reasonText(now.reason, words)), isToBeLooked: true };
  if (now.troubleCount > 0)
    return { look: 'care', text: words.inTrouble(now.troubleCount), isToBeLooked: true };
  return {
    look: now.state === 'available' ? 'good' : 'care',
    text: words.states[now.state],
    isToBeLooked: now.isSpoilt,
  };
}

/** A newer cabinet may have a word that this page does not know: it is shown as it is. */
export function reasonText(reason: string | null, { reasons }: Words['cabinetState']): string {
  return wordOf(reasons, reason ?? '–');
}

export function wordOf(words: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code;
}

export function degrees(milliC: number): string {
  return `${(milliC / 1000).toFixed(1)} °C`;
}
