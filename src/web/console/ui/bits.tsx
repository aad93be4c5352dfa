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
      <div className="flex flex-wrap gap-2 print:hidden">{children}</div>
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
const chip = 'inline-block px-2.5 py-0.5 text-fine font-semibold';
const chipShapes = {
  line: 'shrink-0 rounded-full whitespace-nowrap',
  lines: 'min-w-0 rounded-field break-words',
};
export type ChipLook = keyof typeof chipLooks;

/** `shape` `lines`: of a sentence, where one line may be too short for it. */
export function Chip({
  look,
  shape = 'line',
  children,
}: {
  look: ChipLook;
  shape?: keyof typeof chipShapes;
  children: ReactNode;
}) {
  return <span className={`${chip} ${chipShapes[shape]} ${chipLooks[look]}`}>{children}</span>;
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

const tab = [
  'inline-flex min-h-11 items-center gap-2 rounded-full border px-4 text-label whitespace-nowrap',
  'aria-[current=page]:border-jade aria-[current=page]:bg-jade-soft aria-[current=page]:font-semibold',
].join(' ');

/** One of several parts of a list, as links. */
export function tabClass(isHere: boolean): string {
  return isHere ? tab : `${tab} border-line bg-card`;
}
