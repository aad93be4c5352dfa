import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import type { CoolingView } from '../../../../shared/model/service.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';

const [width, height] = [600, 180];
const spans = ['day', 'week'] as const;

/**
 * How warm it was: a band from the coldest to the warmest of each step, with gaps where nothing was read, and the limit. Two
 * hundred points are one path; a library for charts would be more than the rest of service mode.
 */
export function TemperatureChart({ cooling }: { cooling: CoolingView }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const [span, setSpan] = useState<(typeof spans)[number]>('day');
  const { low, high, endMs, stepMs } = cooling[span];
  const limit = cooling.maxMilliC;
  const read = [...low, ...high, limit].filter((one) => one !== null);
  const [least, most] = [Math.min(...read) - 500, Math.max(...read) + 500];
  const isRead = low.some((one) => one !== null);
  const degrees = (value: number): string => (value / 1000).toFixed(1);
  const y = (milliC: number): number => height - ((milliC - least) / (most - least)) * height;
  const spanName = t(span === 'day' ? 'serviceMode.cooling.chartDay' : 'serviceMode.cooling.chartWeek');
  return (
    <div className="flex flex-col gap-12">
      <div className="flex gap-12" role="group">
        {spans.map((one) => (
          <Button
            key={one}
            data-testid={`key-chart-${one}`}
            aria-pressed={one === span}
            onPress={() => setSpan(one)}
            className={`min-h-88 flex-1 rounded-tile text-small ${
              one === span ? 'bg-ink text-paper' : 'bg-sunk text-ink'
            }`}
          >
            {t(one === 'day' ? 'serviceMode.cooling.chartDay' : 'serviceMode.cooling.chartWeek')}
          </Button>
        ))}
      </div>
      {isRead ? (
        <figure className="flex flex-col gap-4">
          <svg
            viewBox={`0 0 ${width} ${height}`}
            role="img"
            aria-label={t('serviceMode.cooling.chart', {
              span: spanName,
              low: degrees(Math.min(...low.filter((one) => one !== null))),
              high: degrees(Math.max(...high.filter((one) => one !== null))),
            })}
            preserveAspectRatio="none"
            className="h-200 w-full rounded-tile bg-sunk"
          >
            <path
              d={bandOf(low, high, y)}
              className="fill-jade stroke-jade"
              strokeWidth={3}
              vectorEffect="non-scaling-stroke"
            />
            {limit !== null && (
              <line
                x1={0}
                x2={width}
                y1={y(limit)}
                y2={y(limit)}
                className="stroke-cinnabar-ink"
                strokeWidth={3}
                strokeDasharray="12 8"
                vectorEffect="non-scaling-stroke"
              />
            )}
          </svg>
          <figcaption className="flex justify-between gap-16 text-small text-soft">
            <span className="tabular">{formatDateTime(endMs - low.length * stepMs, language)}</span>
            <span className="tabular">{formatDateTime(endMs, language)}</span>
          </figcaption>
        </figure>
      ) : (
        <p className="text-small text-soft">{t('serviceMode.cooling.noChart')}</p>
      )}
    </div>
  );
}

/** A closed shape for each stretch without a gap: along the warmest, and back along the coldest. */
function bandOf(
  low: readonly (number | null)[],
  high: readonly (number | null)[],
  y: (milliC: number) => number,
): string {
  const x = (i: number): number => ((i + 0.5) * width) / low.length;
  const paths: string[] = [];
  let stretch: number[] = [];
  const point = (i: number, value: number | null | undefined): string =>
    `${x(i).toFixed(1)} ${y(value ?? 0).toFixed(1)}`;
  const end = (): void => {
    if (stretch.length > 0) {
      const there = stretch.map((i) => point(i, high[i]));
      const back = [...stretch].reverse().map((i) => point(i, low[i]));
      paths.push(`M${[...there, ...back].join('L')}Z`);
    }
    stretch = [];
  };
  low.forEach((value, i) => {
    if (value === null) end();
    else stretch.push(i);
  });
  end();
  return paths.join('');
}
