import { useTranslation } from 'react-i18next';

/** What the lock says of the door, beside the buttons in the top line; redder the longer it stands open. */
export function DoorStatus({
  door,
  ajarLevel = 0,
}: {
  door: 'open' | 'closed' | 'unknown';
  ajarLevel?: number;
}) {
  const { t } = useTranslation();
  const words = { open: 'bar.doorOpen', closed: 'bar.doorClosed', unknown: 'bar.doorUnknown' } as const;
  const isOpen = door === 'open';
  const dot =
    door === 'closed'
      ? 'bg-soft ring-sunk'
      : ajarLevel >= 3
        ? 'bg-cinnabar ring-cinnabar-soft'
        : ajarLevel === 2 || !isOpen
          ? 'bg-amber ring-amber-soft'
          : 'bg-jade ring-jade-soft';
  return (
    <span
      className={
        'flex items-center gap-20 px-10 text-[calc(var(--u)*32)] whitespace-nowrap text-soft ' +
        'portrait:max-w-300'
      }
    >
      <span
        className={`size-22 shrink-0 rounded-full ring-10 ${dot}`}
        style={isOpen ? { animation: 'pulse 1.6s ease-in-out infinite' } : undefined}
      />
      <span className="truncate">{t(words[door])}</span>
    </span>
  );
}
