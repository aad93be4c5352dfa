import { Check, Flag, MessageSquareWarning } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import type { ToldMoney } from '../../../../shared/model/told-money.ts';
import type { Receipt } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { Card } from '../../ui/card.tsx';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';

type Line = Receipt['lines'][number];

/** The billed lines with one big switch each: not taken, wrong count and wrong price are all "something is wrong". */
export function DisputePanel({
  lines,
  marked,
  onMark,
}: {
  lines: readonly Line[];
  marked: ReadonlySet<string>;
  onMark: (sku: string, wrong: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <Card as="article" className="flex max-h-full flex-col">
      <ul
        className="scroll min-h-0 flex-1 space-y-16 p-28"
        tabIndex={0}
        aria-label={t('receipt.lines')}
        data-testid="dispute-panel"
      >
        {lines.map((line) => (
          <DisputeLine key={line.sku} line={line} wrong={marked.has(line.sku)} onMark={onMark} />
        ))}
      </ul>
    </Card>
  );
}

function DisputeLine({
  line,
  wrong,
  onMark,
}: {
  line: Line;
  wrong: boolean;
  onMark: (sku: string, wrong: boolean) => void;
}) {
  const { t } = useTranslation();
  const name = useText()(line.name);
  const Icon = wrong ? Check : Flag;
  return (
    <li>
      <ToggleButton
        data-testid={`dispute-line-${line.sku}`}
        isSelected={wrong}
        onChange={(now) => onMark(line.sku, now)}
        className={`flex min-h-152 w-full items-center gap-24 rounded-tile px-24 py-14 text-left data-pressed:bg-line ${
          wrong ? 'bg-amber-soft ring-3 ring-amber-line ring-inset' : 'bg-sunk/70'
        }`}
      >
        <ProductPicture name={line.picture} frame="tile" className="size-96 p-6! big:hidden" />
        <span className="min-w-0 flex-1 text-[calc(var(--tu)*36)] leading-snug text-ink">
          {name}
          <span className="ml-14 whitespace-nowrap text-soft">×{line.count}</span>
          <Money amount={line.amountMinor} className="block text-small font-semibold text-soft" />
        </span>
        <span
          className={
            `flex shrink-0 items-center gap-12 text-label font-bold ` +
            `whitespace-nowrap ${wrong ? 'text-amber-ink' : 'text-ink'}`
          }
        >
          <Icon className="size-44" strokeWidth={2.4} aria-hidden="true" />
          {wrong ? t('dispute.marked') : t('dispute.line')}
        </span>
      </ToggleButton>
    </li>
  );
}

/**
 * What becomes of a report, in true words: what is debited already can only come back, and what never was cannot. In
 * landscape number and phone stand beside it. Nothing where there is none. `reference`: what people read out.
 */
export function DisputeNote({ told, reference }: { told: ToldMoney; reference: string }) {
  const { t } = useTranslation();
  const { snapshot } = useKiosk();
  const { report, isReportOpen } = told;
  if (report === null) return null;
  const title = isReportOpen ? 'dispute.received' : 'dispute.decidedTitle';
  return (
    <div
      data-testid="receipt-disputed"
      role="status"
      className={
        'mt-20 flex gap-28 rounded-card bg-amber-soft px-36 py-24 text-amber-ink ' +
        'landscape:gap-22 landscape:px-30 landscape:py-20'
      }
    >
      <MessageSquareWarning className="mt-4 size-48 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="text-body leading-tight font-bold">
          {t(report === 'notTaken' ? 'dispute.notReceived' : title)}
        </p>
        <p className="mt-8 text-label leading-snug text-ink">{t(`dispute.${report}`)}</p>
        <p className="tabular mt-8 text-small leading-snug text-ink landscape:hidden">
          {t('dispute.contact', { ref: reference, phone: snapshot.cabinet.servicePhone })}
        </p>
      </div>
    </div>
  );
}
