import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import type { Countdown } from '../../../shared/model/visit.schema.ts';
import { useKiosk } from '../kiosk/context.ts';
import { useCountdown } from '../kiosk/use-countdown.ts';

interface CountdownRingProps {
  readonly countdown: Countdown;
  /** Diameter in design units. */
  readonly size: number;
  readonly width?: number;
  readonly className?: string;
  readonly textClassName?: string;
}

/** A count-down as a ring that empties, the seconds in its middle. */
export function CountdownRing({
  countdown,
  size,
  width = 7,
  className = 'text-jade',
  textClassName = '',
}: CountdownRingProps) {
  const { t } = useTranslation();
  const { receivedAtMs } = useKiosk();
  const { seconds, share } = useCountdown(countdown);
  const radius = 50 - width / 2;
  const style = {
    animationDuration: `${countdown.durationMs}ms`,
    animationDelay: `${-countdown.elapsedMs}ms`,
    '--ring-done': share.toFixed(3),
  } as CSSProperties;
  return (
    <span
      role="timer"
      aria-label={t('ring.seconds', { count: seconds })}
      className={`relative inline-grid shrink-0 place-items-center ${className}`}
      style={{ width: `calc(var(--u) * ${size})`, height: `calc(var(--u) * ${size})` }}
    >
      <svg viewBox="0 0 100 100" className="absolute inset-0 h-full w-full -rotate-90" aria-hidden="true">
        <circle
          cx="50"
          cy="50"
          r={radius}
          fill="none"
          stroke="currentColor"
          strokeOpacity="0.18"
          strokeWidth={width}
        />
        <circle
          key={receivedAtMs}
          className="ring-value"
          style={style}
          cx="50"
          cy="50"
          r={radius}
          fill="none"
          stroke="currentColor"
          strokeWidth={width}
          strokeLinecap="round"
          pathLength="1"
          strokeDasharray="1"
        />
      </svg>
      <span aria-hidden="true" className={`tabular relative font-bold ${textClassName}`}>
        {seconds}
      </span>
    </span>
  );
}
