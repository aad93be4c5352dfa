import type { LucideIcon } from 'lucide-react';
import { type Tone, toneClass } from './tones.ts';

interface StatusIconProps {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly className?: string;
}

/** The round icon above a title: at a glance, what kind of screen this is. Jade is solid, because it is good news. */
export function StatusIcon({ tone, icon: Icon, className = '' }: StatusIconProps) {
  const colours = tone === 'jade' ? 'bg-jade text-on-jade' : toneClass(tone);
  return (
    <span
      className={
        `mb-36 grid size-132 place-items-center rounded-full landscape:mb-28 ` +
        `landscape:size-112 big:landscape:hidden ${colours} ${className}`
      }
    >
      <Icon className="size-72" strokeWidth={2.6} aria-hidden="true" />
    </span>
  );
}
