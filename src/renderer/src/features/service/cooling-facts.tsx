import { useTranslation } from 'react-i18next';
import type { CoolingView } from '../../../../shared/model/service.schema.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { BandOverTime } from './chart.tsx';
import { Fact, Last, type RoomProps } from './room-parts.tsx';

/** How warm it is inside; and, after it was too warm for too long, what to do before anything is sold again. */
export function CoolingFacts({ view, cooling, calls }: RoomProps & { cooling: CoolingView }) {
  const { t } = useTranslation();
  const { milliC, maxMilliC, forMinutes, dayMinMilliC, dayMaxMilliC, isAbove, isSpoilt } = cooling;
  const degrees = (value: number | null): string => (value === null ? '—' : (value / 1000).toFixed(1));
  return (
    <>
      {/* First: below the rest nobody would see it in large text. */}
      {isSpoilt && (
        <>
          <p className="text-label text-cinnabar-ink" data-testid="cooling-spoilt">
            {t(isAbove ? 'serviceMode.cooling.stillWarm' : 'serviceMode.cooling.spoilt')}
          </p>
          <ActionButton
            testId="action-accept-cooling"
            disabled={isAbove || view.isBusy}
            onPress={() => void calls.acceptCooling({ sessionId: view.sessionId })}
          >
            {t('serviceMode.cooling.accept')}
          </ActionButton>
          <Last view={view} of={['acceptCooling']} />
        </>
      )}
      <Fact
        label={t('serviceMode.cooling.now')}
        value={t('serviceMode.cooling.degrees', { now: degrees(milliC) })}
      />
      <Fact
        label={t('serviceMode.cooling.day')}
        value={t('serviceMode.cooling.range', { low: degrees(dayMinMilliC), high: degrees(dayMaxMilliC) })}
      />
      <BandOverTime
        day={cooling.day}
        week={cooling.week}
        limit={maxMilliC}
        margin={500}
        words={(span, low, high) =>
          t('serviceMode.cooling.chart', { span, low: degrees(low), high: degrees(high) })
        }
      />
      {maxMilliC !== null && (
        <Fact
          label={t('serviceMode.cooling.limit')}
          value={t('serviceMode.cooling.limitFor', { limit: degrees(maxMilliC), minutes: forMinutes })}
        />
      )}
    </>
  );
}
