import { useTranslation } from 'react-i18next';
import type { ShownDoor } from '../../../shared/model/visit.schema.ts';

/** How people call one of so many doors: two are left and right of each other, more have numbers on them. */
export function useDoorName(doorCount: number): (door: number) => string {
  const { t } = useTranslation();
  return (door) => {
    if (doorCount !== 2) return t('doors.number', { number: door });
    return t(door === 1 ? 'doors.left' : 'doors.right');
  };
}

/** The names of the doors that are not seen to be shut, as one text; empty: there is one door, or all are shut. */
export function useOpenDoors(doors: readonly ShownDoor[]): string {
  const { t } = useTranslation();
  const nameOf = useDoorName(doors.length);
  return doors
    .filter(({ state }) => state === 'open' || state === 'unknown')
    .map(({ door }) => nameOf(door))
    .join(t('doors.and'));
}
