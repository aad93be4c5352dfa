import { useTranslation } from 'react-i18next';

/** Whether the door is open, beside the buttons in the top line. */
export function DoorStatus({ open }: { open: boolean }) {
  const { t } = useTranslation();
  return (
    <span
      className={
        'flex items-center gap-20 px-10 text-[calc(var(--u)*32)] whitespace-nowrap text-soft ' +
        'portrait:max-w-300'
      }
    >
      <span
        className={`size-22 shrink-0 rounded-full ring-10 ${open ? 'bg-jade ring-jade-soft' : 'bg-soft ring-sunk'}`}
        style={open ? { animation: 'pulse 1.6s ease-in-out infinite' } : undefined}
      />
      <span className="truncate">{open ? t('bar.doorOpen') : t('bar.doorClosed')}</span>
    </span>
  );
}
