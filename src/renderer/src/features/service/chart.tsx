import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '../../../../shared/i18n/format.ts';
import type { BandSeriesView } from '../../../../shared/model/trends.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';

/** All charts of service mode are drawn here: one or two hundred points are one path (ADR 0189). */
const [width, height] = [600, 180];

export interface Choice<C extends string> {
  readonly chosen: C;
  readonly of: readonly { readonly name: C; readonly label: string }[];
  readonly onChoose: (name: C) => void;
}

/** Buttons of which one is down. */
export function Choices<C extends string>({ chosen, of, onChoose }: Choice<C>) {
  return (
    <div className="flex flex-wrap gap-12" role="group">
      {of.map(({ name, label }) => (
        <Button
          key={name}
          data-testid={`key-chart-${name}`}
          aria-pressed={name === chosen}
          onPress={() => onChoose(name)}
          className={`min-h-88 flex-1 rounded-tile px-8 text-small ${
            name === chosen ? 'bg-ink text-paper' : 'bg-sunk text-ink'
          }`}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}

const spans = ['day', 'week'] as const;
type Span = (typeof spans)[number];

/** Something that was measured, of the last day or of the last week. */
export function BandOverTime({
  day,
  week,
  ...drawn
}: Readonly<Record<Span, BandSeriesView>> & Omit<BandProps, 'series' | 'span'>) {
  const { t } = useTranslation();
  const [span, setSpan] = useState<Span>('day');
  const nameOf = (one: Span): string =>
    t(one === 'day' ? 'serviceMode.cooling.chartDay' : 'serviceMode.cooling.chartWeek');
  return (
    <div className="flex flex-col gap-12">
      <Choices chosen={span} of={spans.map((name) => ({ name, label: nameOf(name) }))} onChoose={setSpan} />
      <BandChart {...drawn} series={{ day, week }[span]} span={nameOf(span)} />
    </div>
  );
}

interface BandProps {
  readonly series: BandSeriesView;
  readonly span: string;
  /** A line across; null: none. */
  readonly limit?: number | null;
  /** Room above and below, in the unit of the values. */
  readonly margin: number;
  /** The least that is drawn; left out: as little as there is. */
  readonly floor?: number;
  /** What the chart shows, in words: for whoever does not see it, and below it. */
  readonly words: (span: string, low: number, high: number) => string;
}

/** A band from the least to the most of each step, with gaps where nothing was measured. */
function BandChart({ series, span, limit = null, margin, floor, words }: BandProps) {
  const { t } = useTranslation();
  const { low, high, endMs, stepMs } = series;
  const [lows, highs] = [low, high].map((all) => all.filter((one) => one !== null));
  if (lows === undefined || highs === undefined || lows.length === 0)
    return <p className="text-small text-soft">{t('serviceMode.cooling.noChart')}</p>;
  const shown = [...lows, ...highs, ...(limit === null ? [] : [limit])];
  const [least, most] = [floor ?? Math.min(...shown) - margin, Math.max(...shown) + margin];
  const y = (value: number): number => height - ((value - least) / (most - least)) * height;
  return (
    <Figure
      label={words(span, Math.min(...lows), Math.max(...highs))}
      fromMs={endMs - low.length * stepMs}
      toMs={endMs}
    >
      <path
        d={bandOf(low, high, y)}
        className="fill-jade stroke-jade"
        strokeWidth={3}
        vectorEffect="non-scaling-stroke"
      />
      {limit !== null && (
        <line
          {...{ x1: 0, x2: width, y1: y(limit), y2: y(limit) }}
          className="stroke-cinnabar-ink"
          strokeWidth={3}
          strokeDasharray="12 8"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </Figure>
  );
}

/** A bar for each stretch of time. */
export function BarChart({
  values,
  label,
  fromMs,
  toMs,
}: Omit<FigureProps, 'children'> & { values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  return (
    <Figure label={label} fromMs={fromMs} toMs={toMs}>
      {values.map((value, i) => (
        <rect
          key={i}
          x={i * step + step * 0.15}
          width={step * 0.7}
          y={height - (value / most) * (height - 10)}
          height={(value / most) * (height - 10)}
          className="fill-jade"
        />
      ))}
    </Figure>
  );
}

interface FigureProps {
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly children: ReactNode;
}

function Figure({ label, fromMs, toMs, children }: FigureProps) {
  const { language } = useKiosk();
  return (
    <figure className="flex flex-col gap-4">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={label}
        preserveAspectRatio="none"
        className="h-200 w-full rounded-tile bg-sunk"
      >
        {children}
      </svg>
      <figcaption className="flex flex-col gap-4 text-small text-soft">
        <span className="flex justify-between gap-16">
          <span className="tabular">{formatDateTime(fromMs, language)}</span>
          <span className="tabular">{formatDateTime(toMs, language)}</span>
        </span>
        <span className="text-ink">{label}</span>
      </figcaption>
    </figure>
  );
}

/** A closed shape for each stretch without a gap: along the most, and back along the least. */
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
