import type { ReactNode } from 'react';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ConfirmedAct } from './confirmed-act.tsx';

interface VersionRowProps {
  /** In words: which version, and how it came about. */
  readonly title: string;
  readonly why: string;
  readonly atMs: number;
  /** Who made it; `-`: nobody that is known. */
  readonly by: string;
  /** The way back to it; null: there is none. */
  readonly undo: Parameters<typeof ConfirmedAct>[0] | null;
  /** What became another one with it. */
  readonly children: ReactNode;
}

/** One version of the settings, or of the devices. */
export function VersionRow({ title, why, atMs, by, undo, children }: VersionRowProps) {
  const { language } = useKiosk();
  return (
    <div className="flex flex-col gap-8 border-b-2 border-line pb-12">
      <p className="text-small">
        <span className="font-bold">{title}</span> · {why}
        {by === '-' ? '' : ` · ${by}`} ·{' '}
        <span className="tabular text-soft">{formatDateTime(atMs, language)}</span>
      </p>
      {children}
      {undo !== null && <ConfirmedAct {...undo} />}
    </div>
  );
}
