import type { ReactNode } from 'react';
import type { Countdown } from '../../../shared/model/visit.schema.ts';
import { useKiosk } from '../kiosk/context.ts';

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

/** A wait whose end nobody knows: a light that runs along a line, once in so many seconds. */
export function SweepBar({ seconds }: { seconds: number }) {
  return (
    <span className="relative block h-14 overflow-hidden rounded-full bg-line" aria-hidden="true">
      <span
        className="absolute inset-y-0 left-0 w-1/3 rounded-full bg-jade"
        style={{ animation: `sweep ${seconds}s ease-in-out infinite` }}
      />
    </span>
  );
}
