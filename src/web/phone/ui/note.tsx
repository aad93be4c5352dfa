import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

export type Tone = 'jade' | 'amber' | 'cinnabar' | 'plain';
export const inkOf: Readonly<Record<Tone, string>> = {
  jade: 'text-jade-ink',
  amber: 'text-amber-ink',
  cinnabar: 'text-cinnabar-ink',
  plain: 'text-ink',
};
const groundOf: Readonly<Record<Tone, string>> = {
  jade: 'bg-jade-soft',
  amber: 'bg-amber-soft',
  cinnabar: 'bg-cinnabar-soft',
  plain: 'bg-sunk',
};
const icons: Readonly<Record<Tone, LucideIcon>> = {
  jade: CircleCheck,
  amber: TriangleAlert,
  cinnabar: CircleAlert,
  plain: Info,
};

/** Words apart, with a sign. `title` in the ink of their tone, the rest in plain ink. */
export function Note({
  tone,
  icon: Icon = icons[tone],
  title,
  children,
  testId,
}: {
  tone: Tone;
  icon?: LucideIcon;
  title?: ReactNode;
  children?: ReactNode;
  testId?: string;
}) {
  return (
    <div className={`flex gap-3 rounded-card p-4 ${groundOf[tone]}`} data-testid={testId}>
      <Icon className={`mt-0.5 size-6 shrink-0 ${inkOf[tone]}`} aria-hidden="true" />
      <div className="min-w-0 flex-1">
        {title !== undefined && <p className={`font-bold ${inkOf[tone]}`}>{title}</p>}
        {children}
      </div>
    </div>
  );
}
