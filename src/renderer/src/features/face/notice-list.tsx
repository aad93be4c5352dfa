import type { LucideIcon } from 'lucide-react';
import { cardClass } from '../../ui/card.tsx';
import { ScrollArea } from '../../ui/scroll-area.tsx';

export interface NoticeRow {
  readonly icon: LucideIcon;
  readonly text: string;
}

/** What has to be told before a camera starts: one point a line, each with its icon; scrolls where it does not fit. */
export function NoticeList({
  rows,
  label,
  testId,
}: {
  rows: readonly NoticeRow[];
  label: string;
  testId: string;
}) {
  return (
    <div className="flex h-full flex-col justify-center">
      <ScrollArea label={label} testId={testId} className={`min-h-0 px-40 py-20 ${cardClass}`}>
        <ul className="divide-y-2 divide-line">
          {rows.map(({ icon: Icon, text }) => (
            <li key={text} className="flex items-center gap-28 py-22 landscape:py-14">
              <Icon className="size-52 shrink-0 text-jade-ink" strokeWidth={1.8} aria-hidden="true" />
              <p className="min-w-0 flex-1 text-label leading-snug landscape:text-small">{text}</p>
            </li>
          ))}
        </ul>
      </ScrollArea>
    </div>
  );
}
