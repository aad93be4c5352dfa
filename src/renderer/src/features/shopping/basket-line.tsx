import { Check, Flag, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import type { BasketLine } from '../../../../shared/model/basket.schema.ts';
import { timesMinor } from '../../../../shared/money.ts';
import { useKiosk, useText } from '../../kiosk/context.ts';
import { Money } from '../../ui/money.tsx';
import { ProductPicture } from '../../ui/product-picture.tsx';
import { DiscountNames } from '../../ui/saved.tsx';

/** One product in the basket. Without `report` it only shows (while the shelf is checked). */
export function BasketRow({ line, report }: { line: BasketLine; report: boolean }) {
  const { t } = useTranslation();
  const text = useText();
  const asks = line.confidence === 'doubtful' && !line.reported;
  const name = text(line.name);
  // What is past its day is in no number; of a line that is all so, its amount is struck through.
  const isExpired = line.expiredCount === line.count;
  const look = asks
    ? 'bg-amber-soft ring-4 ring-amber-line'
    : line.reported
      ? 'bg-sunk ring-2 ring-line'
      : 'bg-card ring-2 ring-line shadow-card';
  return (
    <div className={`rounded-card p-22 ring-inset ${look}`}>
      <div className="basket-row" data-asks={asks}>
        <ProductPicture
          name={line.picture}
          frame="tile"
          className="size-136 [grid-area:picture] big:size-120"
        />
        <p
          className={`text-body leading-snug font-semibold [grid-area:name] ${asks ? 'text-amber-ink' : ''}`}
        >
          {asks ? t('shopping.doubtQuestion', { name }) : name}
        </p>
        <div className="mt-6 self-start [grid-area:price] big:self-center">
          <UnitAndCount line={line} asks={asks} />
          {!line.reported && !isExpired && <DiscountNames discounts={line.discounts} />}
          {line.confidence === 'leaving' && !line.reported && (
            <p className="mt-8 text-fine leading-snug text-soft">{t('shopping.leavingNote')}</p>
          )}
          {line.expiredCount !== undefined && !line.reported && (
            <p
              className="mt-8 text-fine leading-snug text-amber-ink"
              data-testid={`line-expired-${line.sku}`}
            >
              {t('shopping.expiredNote', { count: line.expiredCount })}
            </p>
          )}
          {line.reported && (
            <p className="mt-8 text-fine leading-snug text-amber-ink">{t('shopping.reportedNote')}</p>
          )}
        </div>
        <Amount line={line} asks={asks} />
        {report && !asks && <ReportToggle line={line} name={name} />}
      </div>
      {asks && <Doubt line={line} name={name} report={report} />}
    </div>
  );
}

/** What the line costs; before it, struck, what it would cost without promotions. */
function Amount({ line, asks }: { line: BasketLine; asks: boolean }) {
  const { t } = useTranslation();
  const { expiredCount = 0, discounts, chargedMinor, amountMinor } = line;
  const isExpired = expiredCount === line.count;
  const isStruck = line.reported || isExpired;
  const grossMinor = timesMinor(line.unitPriceMinor, line.count - (isExpired ? 0 : expiredCount));
  const isLess = discounts !== undefined && !isStruck;
  // Of what is good alone: a part of the line has its share of what is taken off.
  const netMinor = expiredCount > 0 && !isExpired ? (chargedMinor ?? amountMinor) : amountMinor;
  const className =
    `text-right text-heading leading-tight font-bold [grid-area:amount] ` +
    `${isStruck ? 'text-soft line-through decoration-3' : ''} ${asks ? 'mr-16' : ''}`;
  if (!isLess) return <Money amount={grossMinor} className={className} />;
  return (
    <span className={`flex flex-col items-end ${className}`}>
      <s aria-label={t('promotions.before')} className="text-small font-medium text-soft decoration-2">
        <Money amount={grossMinor} flat />
      </s>
      <Money amount={netMinor} />
    </span>
  );
}

function UnitAndCount({ line, asks }: { line: BasketLine; asks: boolean }) {
  return (
    <p className="tabular flex flex-wrap items-center gap-x-16 gap-y-4 text-small text-soft">
      <Money amount={line.unitPriceMinor} flat className={asks ? 'text-ink' : ''} />
      <span
        className={
          'text-label leading-tight font-bold ' +
          (line.count > 1 ? 'rounded-full bg-ink px-18 py-4 text-paper' : 'text-ink')
        }
      >
        ×{line.count}
      </span>
    </p>
  );
}

/** A doubtful line asks one question; without an answer, or with "no", it is not billed. */
function Doubt({ line, name, report }: { line: BasketLine; name: string; report: boolean }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <div className="mt-16 flex items-center gap-28 pl-164 big:pl-142">
      <p className="min-w-0 flex-1 text-small leading-snug text-ink">{t('shopping.doubtNote')}</p>
      {report && (
        <ToggleButton
          data-testid={`line-report-${line.sku}`}
          isSelected={false}
          onChange={(wrong) => intents.report(line.sku, wrong)}
          aria-label={`${t('shopping.doubtNo')} ${name}`}
          className={
            'flex min-h-104 min-w-200 shrink-0 items-center justify-center gap-14 rounded-tile ' +
            'bg-card px-32 text-label font-bold text-ink ring-3 ring-ink ring-inset data-pressed:bg-sunk'
          }
        >
          <X className="size-40" strokeWidth={2.6} aria-hidden="true" />
          {t('shopping.doubtNo')}
        </ToggleButton>
      )}
    </div>
  );
}

/** "Something is wrong" on one line, and the way to take that back. */
function ReportToggle({ line, name }: { line: BasketLine; name: string }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const Icon = line.reported ? Check : Flag;
  const word = line.reported ? t('shopping.wrongMarked') : t('shopping.wrong');
  return (
    <ToggleButton
      data-testid={`line-report-${line.sku}`}
      isSelected={line.reported}
      onChange={(wrong) => intents.report(line.sku, wrong)}
      aria-label={`${word} ${name}`}
      className={
        `flex min-h-128 w-116 shrink-0 [grid-area:report] flex-col items-center justify-center gap-8 rounded-tile px-6
        text-fine leading-none
        font-medium data-pressed:bg-line ` +
        `big:w-140 ${
          line.reported
            ? 'bg-amber-soft text-amber-ink ring-3 ring-amber-line ring-inset'
            : 'bg-sunk/70 text-soft'
        }`
      }
    >
      <Icon className="size-40" strokeWidth={2.4} aria-hidden="true" />
      <span className="whitespace-nowrap">{word}</span>
    </ToggleButton>
  );
}
