import { useTranslation } from 'react-i18next';
import type { RoomProps } from './room-parts.tsx';

const known = [
  'no_such_charge',
  'settled',
  'no_faces',
  'changed',
  'storage',
  'not_here',
  'no_updates',
  'nothing_waits',
  'postponed_enough',
  'busy',
] as const;
/** Why an update that is ordered does not come now, as the update client says it; another word is as it is. */
export const updateWhys = [
  'expired',
  'older',
  'withdrawn',
  'failed_before',
  'not_its_turn',
  'paused',
  'outside_window',
  'postponed',
  'disturbs',
] as const;
const notLeft = ['door_open', 'door_unknown', 'bolt_loose'] as const;

/** What the detail of an order's outcome means; undefined: it stands as it is. */
export function useOrderWords(): (last: RoomProps['view']['last']) => string | undefined {
  const { t } = useTranslation();
  return (last) => {
    const why = known.find((one) => one === last?.detail);
    if (why !== undefined) return t(`serviceMode.office.why.${why}`);
    const rest = updateWhys.find((one) => one === last?.detail);
    if (rest !== undefined) return t(`serviceMode.office.updateWhy.${rest}`);
    const left = notLeft.find((one) => one === last?.detail);
    return left === undefined ? undefined : t(`serviceMode.notLeave.${left}`);
  };
}
