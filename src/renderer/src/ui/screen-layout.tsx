import { type ReactNode, useState } from 'react';
import type { ScreenName } from '../../../shared/model/visit.schema.ts';
import { useScroll } from './scroll-area.tsx';
import { TopBar } from './top-bar.tsx';

interface ScreenLayoutProps {
  readonly screen: ScreenName | 'service';
  /** Which of the screen's cases this is, for tests. */
  readonly reason?: string;
  readonly title: string;
  readonly lead?: ReactNode;
  /** Above the title: an icon or a small word. */
  readonly eyebrow?: ReactNode;
  readonly status?: ReactNode;
  readonly titleClassName?: string;
  readonly children?: ReactNode;
  /** What comes next: above the actions, so in landscape it takes nothing from the goods. */
  readonly aside?: ReactNode;
  readonly footer?: ReactNode;
}

/** The frame of every screen: one sentence on top, the goods in the middle, at most two actions below. */
export function ScreenLayout({
  screen,
  reason,
  title,
  lead,
  eyebrow,
  status,
  titleClassName,
  children,
  aside,
  footer,
}: ScreenLayoutProps) {
  const [head, setHead] = useState<HTMLElement | null>(null);
  const { isLong, hasMore } = useScroll(head);
  return (
    <main className="screen-layout screen-in" data-testid={`screen-${screen}`} data-reason={reason}>
      <TopBar status={status} />
      <section
        ref={setHead}
        // What scrolls must be reachable without touch.
        tabIndex={isLong ? 0 : undefined}
        className={`layout-head scroll pt-52 pb-36 landscape:pt-44 landscape:pb-24 ${hasMore ? 'fade-more' : ''}`}
        aria-live="polite"
      >
        {eyebrow}
        <h1 className={`leading-[1.2] font-extrabold tracking-[-0.01em] ${titleClassName ?? 'text-title'}`}>
          {title}
        </h1>
        {lead !== undefined && (
          <div className="mt-16 text-body leading-snug text-balance text-soft">{lead}</div>
        )}
      </section>
      <section className="layout-body landscape:py-48">{children}</section>
      {aside !== undefined && <section className="layout-aside">{aside}</section>}
      <footer className="layout-footer pt-28 pb-56 landscape:pb-48">{footer}</footer>
    </main>
  );
}
