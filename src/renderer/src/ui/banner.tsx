import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Tone, toneClass } from './tones.ts';

interface BannerProps {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly children: ReactNode;
}

/** A sentence that matters now, with its icon. */
export function Banner({ tone, icon: Icon, children }: BannerProps) {
  return (
    <div
      role="status"
      className={
        `flex items-center gap-24 rounded-card px-36 py-26 ` +
        `text-label leading-snug font-medium ${toneClass(tone)}`
      }
    >
      <Icon className="size-48 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
