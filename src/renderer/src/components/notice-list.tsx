import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { useMoreBelow } from '../kiosk/use-environment.ts';

export interface NoticeRow {
  readonly icon: LucideIcon;
  readonly text: string;
}

/** What has to be told before a camera starts: one point a line, each with its sign; scrolls where it does not fit. */
export function NoticeList({
  rows,
  label,
  testId,
}: {
  rows: readonly NoticeRow[];
  label: string;
  testId: string;
}) {
  const [box, setBox] = useState<HTMLElement | null>(null);
  const more = useMoreBelow(box);
  return (
    <div className="flex h-full flex-col justify-center">
      <div
        ref={setBox}
        data-testid={testId}
        role="region"
        aria-label={label}
        tabIndex={0}
        className={`scroll min-h-0 rounded-card bg-card px-40 py-20 shadow-card ring-2 ring-line ring-inset ${more ? 'fade-more' : ''}`}
      >
        <ul className="divide-y-2 divide-line">
          {rows.map(({ icon: Icon, text }) => (
            <li key={text} className="flex items-center gap-28 py-22 landscape:py-14">
              <Icon className="size-52 shrink-0 text-jade-ink" strokeWidth={1.8} aria-hidden="true" />
              <p className="min-w-0 flex-1 text-label leading-snug landscape:text-small">{text}</p>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
