import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

export type Tone = 'jade' | 'amber' | 'cinnabar' | 'plain';

const looks: Readonly<Record<Tone, string>> = {
  jade: 'bg-jade-soft text-jade-ink',
  amber: 'bg-amber-soft text-amber-ink',
  cinnabar: 'bg-cinnabar-soft text-cinnabar-ink',
  plain: 'bg-sunk text-soft',
};

/** A sentence that matters now, with its icon. */
export function Banner({
  tone,
  icon: Icon,
  children,
}: {
  tone: Tone;
  icon: LucideIcon;
  children: ReactNode;
}) {
  return (
    <div
      role="status"
      className={`flex items-center gap-24 rounded-card px-36 py-26 text-label leading-snug font-medium ${looks[tone]}`}
    >
      <Icon className="size-48 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

const discs: Readonly<Record<Tone, string>> = {
  jade: 'bg-jade text-on-jade',
  amber: 'bg-amber-soft text-amber-ink',
  cinnabar: 'bg-cinnabar-soft text-cinnabar-ink',
  plain: 'bg-sunk text-soft',
};

/** The round sign above a title: at a glance, what kind of screen this is. */
export function Sign({
  tone,
  icon: Icon,
  className = '',
}: {
  tone: Tone;
  icon: LucideIcon;
  className?: string;
}) {
  return (
    <span
      className={`mb-36 grid size-132 landscape:mb-28 landscape:size-112 big:landscape:hidden place-items-center rounded-full ${discs[tone]} ${className}`}
    >
      <Icon className="size-72" strokeWidth={2.6} aria-hidden="true" />
    </span>
  );
}
