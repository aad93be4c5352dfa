import { Check, Flag, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import type { BasketLine } from '../../../shared/model/basket.ts';
import { useKiosk, useText } from '../kiosk/context.ts';
import { Money } from './money.tsx';
import { ProductPicture } from './product-picture.tsx';

/** One product in the basket. Without `report` it only shows (while the shelf is checked). */
export function BasketRow({ line, report }: { line: BasketLine; report: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const name = text(line.name);
  const doubtful = line.confidence === 'doubtful';
  const asks = doubtful && !line.reported;
  const look = asks
    ? 'bg-amber-soft ring-3 ring-amber-line'
    : line.reported
      ? 'bg-sunk ring-2 ring-line'
      : 'bg-card ring-2 ring-line shadow-card';
  return (
    <div className={`flex items-center gap-28 rounded-card p-22 ring-inset big:gap-22 ${look}`}>
      <ProductPicture name={line.picture} frame="tile" className="size-136 big:size-120" />
      <div className="min-w-0 flex-1">
        <p className={`text-body leading-snug font-semibold ${asks ? 'text-amber-ink' : ''}`}>
          {asks ? t('shopping.doubtQuestion', { name }) : name}
        </p>
        <p className="tabular mt-6 flex flex-wrap items-center gap-x-16 gap-y-4 text-small text-soft">
          <span>
            <Money amount={line.unitPriceMinor} />
          </span>
          <span
            className={`text-label font-bold ${line.count > 1 ? 'rounded-full bg-ink px-18 py-2 text-paper' : 'text-ink'}`}
          >
            ×{line.count}
          </span>
        </p>
        {(asks || line.reported) && (
          <p className={`mt-8 text-fine leading-snug ${asks ? 'text-ink' : 'text-amber-ink'}`}>
            {asks ? t('shopping.doubtNote') : t('shopping.reportedNote')}
          </p>
        )}
      </div>
      <Money
        amount={line.amountMinor}
        className={`text-right text-heading font-bold ${line.reported ? 'text-soft line-through decoration-3' : ''}`}
      />
      {report && <ReportToggle line={line} name={name} doubtful={doubtful} />}
    </div>
  );
}

function ReportToggle({ line, name, doubtful }: { line: BasketLine; name: string; doubtful: boolean }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const Icon = line.reported ? Check : doubtful ? X : Flag;
  const label = line.reported
    ? t('shopping.wrongMarked')
    : doubtful
      ? t('shopping.doubtNo')
      : t('shopping.wrong');
  return (
    <ToggleButton
      data-testid={`line-report-${line.sku}`}
      isSelected={line.reported}
      onChange={(wrong) => intents.report(line.sku, wrong)}
      aria-label={t('shopping.wrongLabel', { name })}
      className={`flex min-h-128 w-116 shrink-0 flex-col items-center justify-center gap-8 rounded-tile px-6 text-fine leading-none
        font-medium active:bg-line big:w-140 ${
          line.reported
            ? 'bg-amber-soft text-amber-ink ring-3 ring-amber-line ring-inset'
            : doubtful
              ? 'bg-card text-amber-ink ring-3 ring-amber-line ring-inset'
              : 'text-soft'
        }`}
    >
      <Icon className="size-40" strokeWidth={2.4} aria-hidden="true" />
      <span className="whitespace-nowrap">{label}</span>
    </ToggleButton>
  );
}
