import type { ReactNode } from 'react';
import type { Failed } from '../base/client.ts';
import { useWords } from '../i18n/words.ts';

const looks = {
  good: 'border-jade bg-jade-soft text-ink',
  care: 'border-amber-line bg-amber-soft text-ink',
  bad: 'border-cinnabar-line bg-cinnabar-soft text-ink',
  plain: 'border-line bg-sunk text-ink',
} as const;

/** A few sentences in a box. `alert`: said aloud at once. */
export function Note({
  look,
  alert = false,
  children,
}: {
  look: keyof typeof looks;
  alert?: boolean;
  children: ReactNode;
}) {
  return (
    <div
      role={alert ? 'alert' : undefined}
      className={`rounded-field border px-4 py-3 text-label ${looks[look]}`}
    >
      {children}
    </div>
  );
}

/** Why a call came to nothing, in words. */
export function FailedNote({ failed, instead }: { failed: Failed; instead?: string | undefined }) {
  const words = useWords();
  const wait = failed.retryAfterS === null ? '' : ` ${words.retryIn(failed.retryAfterS)}`;
  return (
    <Note look="bad" alert>
      {(instead ?? words.failed[failed.code]) + wait}
    </Note>
  );
}
