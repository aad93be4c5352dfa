import { useTranslation } from 'react-i18next';
import { finalReadingMs } from '../../../../shared/reading-capacity.ts';
import type { HeatMap, TestResult } from '../../../../shared/model/self-test.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';

/** Which antenna hears which place, and how well: a number in each field, and a colour for the eye. */
export function HeatMapTable({ heat }: { heat: HeatMap }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const { antennas, places } = heat;
  const most = Math.max(1, ...places.flatMap(({ reads }) => reads));
  const columns = antennas.length === 0 ? [null] : antennas;
  return (
    <table className="w-full table-fixed border-separate border-spacing-4 text-small" data-testid="heat-map">
      <caption className="pb-8 text-left text-soft">{t('serviceMode.heat.about')}</caption>
      <thead>
        <tr className="text-soft">
          <th scope="col" className="w-[40%] text-left font-normal">
            {t('serviceMode.heat.place')}
          </th>
          {columns.map((antenna) => (
            <th key={antenna ?? 'all'} scope="col" className="tabular font-normal">
              {antenna === null ? t('serviceMode.heat.reads') : t('serviceMode.heat.antenna', { antenna })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {places.map(({ slot, lane, names, tagCount, reads }, i) => (
          <tr key={i}>
            <th scope="row" className="pr-8 text-left font-normal break-words">
              <span className="font-bold">
                {slot ?? (lane === null ? null : t('serviceMode.lane', { lane }))}
              </span>{' '}
              {names.length === 0
                ? t('serviceMode.heat.unknown')
                : names.map((name) => name[language]).join(' / ')}
              <span className="tabular block text-soft">
                {t('serviceMode.fact.tags', { value: tagCount })}
              </span>
            </th>
            {reads.map((count, column) => (
              <td key={column} className={`tabular rounded-tile py-12 text-center ${warmth(count, most)}`}>
                {count}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function warmth(count: number, most: number): string {
  if (count === 0) return 'bg-cinnabar-soft text-cinnabar-ink';
  if (count * 10 < most) return 'bg-amber-soft text-amber-ink';
  return count * 2 < most ? 'bg-jade-soft text-jade-ink' : 'bg-jade text-on-jade';
}

/** What the reader can carry, beside what lies there now. */
export function Capacity({ facts }: Pick<TestResult, 'facts'>) {
  const { t } = useTranslation();
  const valueOf = (wanted: string): number | undefined => facts.find(({ name }) => name === wanted)?.value;
  const [tags, carried] = [valueOf('tags'), valueOf('tags_carried')];
  if (tags === undefined || carried === undefined) return null;
  const words = { tags, carried, left: Math.abs(carried - tags), seconds: finalReadingMs / 1000 };
  return (
    <p className="text-small" data-testid="capacity">
      {t(tags <= carried ? 'serviceMode.heat.fits' : 'serviceMode.heat.tooMany', words)}
    </p>
  );
}
