import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoney } from '../../../../shared/i18n/format.ts';
import type { Minor } from '../../../../shared/money.ts';
import type { SalesView, TrendsView } from '../../../../shared/model/trends.schema.ts';
import type { TrendName } from '../../../../shared/model/trends.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { BandOverTime, BarChart, Choices } from './chart.tsx';

const dayMs = 86_400_000;

/** How the cabinet has fared: one chart at a time, of what is chosen. */
export function TrendsPart({ trends }: { trends: TrendsView }) {
  const { t } = useTranslation();
  const { charts, sales } = trends;
  const [chosen, setChosen] = useState<TrendName | 'sales'>('reads');
  const names = [...charts.map(({ name }) => name), ...(sales === null ? [] : (['sales'] as const))];
  const chart = charts.find(({ name }) => name === chosen);
  if (names.length === 0) return null;
  return (
    <section className="flex flex-col gap-12" data-testid="trends">
      <h2 className="text-label font-bold">{t('serviceMode.trends.title')}</h2>
      <Choices
        chosen={chosen}
        of={names.map((name) => ({ name, label: t(`serviceMode.trends.${name}.name`) }))}
        onChoose={setChosen}
      />
      {chart !== undefined && (
        <BandOverTime
          key={chart.name}
          day={chart.day}
          week={chart.week}
          margin={1}
          floor={0}
          words={(span, low, high) => t(`serviceMode.trends.${chart.name}.words`, { span, low, high })}
        />
      )}
      {chosen === 'sales' && sales !== null && <Sales sales={sales} />}
    </section>
  );
}

const spans = ['days', 'weeks'] as const;

function Sales({ sales }: { sales: SalesView }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const [span, setSpan] = useState<(typeof spans)[number]>('days');
  const bars = sales[span];
  const total = bars.reduce((sum, one) => sum + one.sumMinor, 0);
  const words = {
    money: formatMoney(total as Minor, sales.currency, language).text,
    count: bars.reduce((sum, one) => sum + one.count, 0),
    span: t(`serviceMode.trends.${span}`),
  };
  return (
    <>
      <Choices
        chosen={span}
        of={spans.map((name) => ({ name, label: t(`serviceMode.trends.${name}`) }))}
        onChoose={setSpan}
      />
      <BarChart
        values={bars.map(({ sumMinor }) => sumMinor)}
        label={t('serviceMode.trends.sales.words', words)}
        fromMs={sales.endMs - bars.length * dayMs * (span === 'days' ? 1 : 7)}
        toMs={sales.endMs}
      />
    </>
  );
}
