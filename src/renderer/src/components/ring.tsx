import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Countdown } from '../../../shared/model/visit.ts';
import { useKiosk } from '../kiosk/context.ts';
import { useCountdown } from '../kiosk/use-countdown.ts';

interface RingProps {
  readonly countdown: Countdown;
  /** Diameter in design units. */
  readonly size: number;
  readonly width?: number;
  readonly className?: string;
  readonly textClassName?: string;
}

/** A count-down as a ring that empties, the seconds in its middle. */
export function Ring({ countdown, size, width = 7, className = 'text-jade', textClassName = '' }: RingProps) {
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

/** A wait with a known end as a ring that fills around a picture. */
export function WaitRing({ countdown, children }: { countdown: Countdown; children: ReactNode }) {
  const { receivedAtMs } = useKiosk();
  return (
    <span className="relative grid size-520 place-items-center rounded-full text-jade">
      <svg viewBox="0 0 100 100" className="absolute inset-0 h-full w-full -rotate-90" aria-hidden="true">
        <circle cx="50" cy="50" r="48" fill="none" stroke="var(--jade-soft)" strokeWidth="4" />
        <circle
          key={receivedAtMs}
          cx="50"
          cy="50"
          r="48"
          fill="none"
          stroke="currentColor"
          strokeWidth="4"
          strokeLinecap="round"
          pathLength="1"
          strokeDasharray="1"
          style={{
            animation: `ring-run ${countdown.durationMs}ms linear both reverse`,
            animationDelay: `${-countdown.elapsedMs}ms`,
          }}
        />
      </svg>
      <span className="grid size-400 place-items-center rounded-full bg-jade-soft text-jade-ink">
        {children}
      </span>
    </span>
  );
}

/** A wait with a known end as a line that fills. */
export function WaitBar({ countdown }: { countdown: Countdown }) {
  const { receivedAtMs } = useKiosk();
  return (
    <span className="block h-14 w-full overflow-hidden rounded-full bg-line" aria-hidden="true">
      <span
        key={receivedAtMs}
        className="block h-full origin-left rounded-full bg-jade"
        style={{
          animation: `bar-run ${countdown.durationMs}ms linear both`,
          animationDelay: `${-countdown.elapsedMs}ms`,
        }}
      />
    </span>
  );
}
