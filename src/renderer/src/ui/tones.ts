/** What a colour says: good or open; doubt or attention; a problem; nothing in particular. */
export type Tone = 'jade' | 'amber' | 'cinnabar' | 'plain';

interface ToneClasses {
  /** A soft ground to write on. */
  readonly ground: string;
  /** Text and icons, on that ground or on paper. */
  readonly ink: string;
}

/** The one place where a tone becomes classes of the theme. */
export const tones: Readonly<Record<Tone, ToneClasses>> = {
  jade: { ground: 'bg-jade-soft', ink: 'text-jade-ink' },
  amber: { ground: 'bg-amber-soft', ink: 'text-amber-ink' },
  cinnabar: { ground: 'bg-cinnabar-soft', ink: 'text-cinnabar-ink' },
  plain: { ground: 'bg-sunk', ink: 'text-soft' },
};

/** Ground and ink together. */
export function toneClass(tone: Tone): string {
  return `${tones[tone].ground} ${tones[tone].ink}`;
}
