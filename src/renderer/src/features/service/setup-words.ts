import { useTranslation } from 'react-i18next';
import type { RoomProps } from './room-parts.tsx';

const whys = [
  'setup_changed',
  'setup_same',
  'setup_no_such_version',
  'setup_unreadable',
  'setup_unproven',
  'setup_port',
  'setup_fit',
] as const;

/** What the detail of a set-up's outcome means: a word, and behind a colon what it is about. */
export function useSetupWords(last: RoomProps['view']['last']): string | undefined {
  const { t } = useTranslation();
  const [word, ...about] = (last?.detail ?? '').split(': ');
  const why = whys.find((one) => one === word);
  return why === undefined ? undefined : `${t(`serviceMode.setup.why.${why}`)}${about.join(': ')}`;
}
