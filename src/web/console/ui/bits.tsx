import type { ReactNode } from 'react';
import type { Failed } from '../base/client.ts';
import { useWords } from '../i18n/words.ts';
import { Button } from './button.tsx';
import { FailedNote } from './note.tsx';

/** The heading of a page, what it is for, and what may be done with all of it. */
export function PageHead({
  heading,
  lead,
  children,
}: {
  heading: string;
  lead?: string;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1 className="text-title font-semibold">{heading}</h1>
        {lead !== undefined && <p className="text-label text-soft">{lead}</p>}
      </div>
      <div className="flex flex-wrap gap-2">{children}</div>
    </div>
  );
}

/** While something is read, and when it could not be. */
export function Waiting({ failed, retry }: { failed: Failed | null; retry: () => void }) {
  const words = useWords();
  if (failed === null)
    return (
      <p role="status" className="py-6 text-soft">
        {words.loading}
      </p>
    );
  return (
    <div className="flex flex-col items-start gap-3">
      <FailedNote failed={failed} />
      <Button onPress={retry}>{words.retry}</Button>
    </div>
  );
}

const chipLooks = {
  good: 'bg-jade-soft text-jade-ink',
  care: 'bg-amber-soft text-amber-ink',
  bad: 'bg-cinnabar-soft text-cinnabar-ink',
  plain: 'bg-sunk text-ink',
} as const;
const chip = 'inline-block shrink-0 rounded-full px-2.5 py-0.5 text-fine font-semibold whitespace-nowrap';
export type ChipLook = keyof typeof chipLooks;

export function Chip({ look, children }: { look: ChipLook; children: ReactNode }) {
  return <span className={`${chip} ${chipLooks[look]}`}>{children}</span>;
}

export function Card({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <section
      aria-label={heading}
      className="flex min-w-0 flex-col gap-3 rounded-card border border-line bg-card p-4 sm:p-5"
    >
      <h2 className="text-heading font-semibold">{heading}</h2>
      {children}
    </section>
  );
}

export const linkClass =
  'inline-flex min-h-11 min-w-11 items-center font-semibold text-jade-ink underline underline-offset-2';
/** A link that looks like a button. */
export const buttonLinkClass = [
  'inline-flex min-h-11 items-center justify-center rounded-field border border-edge bg-card px-4 text-label',
  'font-semibold hover:bg-sunk',
].join(' ');
