import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';
import type { ShownDoor } from '../../../shared/model/visit.schema.ts';
import { useKiosk } from '../kiosk/context.ts';
import { useDoorName } from './door-names.ts';

const words = {
  open: 'doors.open',
  closed: 'doors.closed',
  unknown: 'doors.unknown',
  opening: 'doors.opening',
  open_now: 'doors.openNow',
  stuck: 'doors.stuck',
  out_of_service: 'doors.outOfService',
} as const satisfies Record<ShownDoor['state'], string>;

const dots = {
  open: 'bg-jade',
  closed: 'bg-soft',
  unknown: 'bg-amber',
  opening: 'bg-soft',
  open_now: 'bg-jade',
  stuck: 'bg-amber',
  out_of_service: 'bg-amber',
} as const satisfies Record<ShownDoor['state'], string>;

const cellClass =
  'flex min-h-112 w-full flex-col items-start justify-center rounded-action px-24 py-10 text-left leading-tight';

/** Each of several doors: how it is, and a touch on one that may be opened opens it in the same visit. */
export function DoorStrip({ doors }: { doors: readonly ShownDoor[] }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const nameOf = useDoorName(doors.length);
  return (
    <ul
      data-testid="door-strip"
      className={
        doors.length > 2
          ? 'grid grid-cols-2 gap-16 portrait:auto-cols-fr portrait:grid-flow-col portrait:grid-cols-none'
          : 'grid auto-cols-fr grid-flow-col gap-16'
      }
    >
      {doors.map(({ door, state, mayOpen }) => {
        const name = (
          <span className="flex items-center gap-14 text-label font-bold">
            <span className={`size-20 shrink-0 rounded-full ${dots[state]}`} />
            <span className="first-letter:uppercase">{nameOf(door)}</span>
          </span>
        );
        const detail = mayOpen ? t(state === 'closed' ? 'doors.openIt' : 'doors.openAgain') : t(words[state]);
        return (
          <li key={door} data-testid={`door-${door}`} data-state={state}>
            {mayOpen ? (
              <Button
                data-testid={`action-open-door-${door}`}
                onPress={() => intents.openDoor(door)}
                className={`${cellClass} bg-card ring-3 ring-ink/85 ring-inset data-pressed:bg-sunk`}
              >
                {name}
                <span className="text-small text-ink">{detail}</span>
              </Button>
            ) : (
              <div className={`${cellClass} bg-sunk`}>
                {name}
                <span className="text-small text-soft">{detail}</span>
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
