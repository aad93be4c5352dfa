import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KioskApi } from '../../../../shared/ipc/table.schema.ts';
import type { ServiceView } from '../../../../shared/model/service.schema.ts';
import { Card } from '../../ui/card.tsx';

/** What the rooms of service mode are made of. */
type Open = Extract<ServiceView, { screen: 'open' }>;
export interface RoomProps {
  readonly view: Open;
  readonly calls: KioskApi['service'];
}

/** Bar codes that were held before the scanner: up to which one they are dealt with. */
export interface ScanProps {
  readonly handledSeq: number;
  readonly onHandled: (seq: number) => void;
}

export function Panel({ children }: { children: ReactNode }) {
  return <Card className="flex flex-col gap-20 p-32">{children}</Card>;
}

export function Fact({ label, value }: { label: ReactNode; value: string }) {
  return (
    <p className="flex justify-between gap-24 border-b-2 border-line pb-12 text-label">
      <span className="text-soft">{label}</span>
      <span className="tabular text-right font-medium">{value}</span>
    </p>
  );
}

/** A difference, with its sign. */
export function signed(difference: number): string {
  return `${difference > 0 ? '+' : '−'}${Math.abs(difference)}`;
}

/** What became of the last act; of any, while it is under way: no other is begun meanwhile. */
export function Last({
  view,
  of,
  words,
}: {
  view: Open;
  of: readonly NonNullable<Open['last']>['act'][];
  /** What its detail means; left out: as it is. */
  words?: string | undefined;
}) {
  const { t } = useTranslation();
  const { last } = view;
  if (last === null || (last.outcome !== 'running' && !of.includes(last.act))) return null;
  return (
    <p role="status" data-testid="last-act" className="text-label break-words">
      {t(`serviceMode.outcome.${last.outcome}`)} {words ?? last.detail}
    </p>
  );
}
