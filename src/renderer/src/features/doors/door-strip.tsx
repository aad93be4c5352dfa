import { useTranslation } from 'react-i18next';
import type { ShownDoor } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { QuietButton } from '../../ui/buttons.tsx';
import { useDoorName } from './door-names.ts';

const words = {
  open: 'doors.open',
  closed: 'doors.closed',
  unknown: 'doors.unknown',
  opening: 'doors.opening',
  open_now: 'doors.openNow',
  stuck: 'doors.stuck',
} as const satisfies Record<ShownDoor['state'], string>;

const dots = {
  open: 'bg-jade',
  closed: 'bg-soft',
  unknown: 'bg-amber',
  opening: 'bg-soft',
  open_now: 'bg-jade',
  stuck: 'bg-amber',
} as const satisfies Record<ShownDoor['state'], string>;

/** Each of several doors: how it is, and a way to open it in the same visit. Nothing where there is one. */
export function DoorStrip({ doors }: { doors: readonly ShownDoor[] }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const nameOf = useDoorName(doors.length);
  if (doors.length === 0) return null;
  return (
    <ul
      data-testid="door-strip"
      className={`grid gap-20 ${doors.length > 2 ? 'grid-cols-2' : 'auto-cols-fr grid-flow-col'}`}
    >
      {doors.map(({ door, state, mayOpen }) => (
        <li
          key={door}
          data-testid={`door-${door}`}
          data-state={state}
          className="flex min-h-120 flex-col justify-center gap-12 rounded-card bg-card px-28 py-16"
        >
          <span className="flex items-center gap-16 text-label leading-tight">
            <span className={`size-22 shrink-0 rounded-full ${dots[state]}`} />
            <span className="font-bold">{nameOf(door)}</span>
            <span className="text-soft">{t(words[state])}</span>
          </span>
          {mayOpen && (
            <QuietButton testId={`action-open-door-${door}`} onPress={() => intents.openDoor(door)}>
              {t(state === 'closed' ? 'doors.openIt' : 'doors.openAgain', { door: nameOf(door) })}
            </QuietButton>
          )}
        </li>
      ))}
    </ul>
  );
}
