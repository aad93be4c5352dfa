import { Delete } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';

const wantedCount = 4;
const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '', '0'] as const;

/** Big keys for the last four digits; gives them away as soon as the fourth is there. */
export function DigitPad({ onDigits }: { onDigits: (digits: string) => void }) {
  const { t } = useTranslation();
  const [digits, setDigits] = useState('');
  const add = (key: string): void => {
    if (digits.length >= wantedCount) return;
    const now = digits + key;
    setDigits(now);
    if (now.length === wantedCount) onDigits(now);
  };
  return (
    <div className="mx-auto flex h-full max-w-800 flex-col justify-center gap-40">
      <p
        role="status"
        data-testid="digits"
        aria-label={t('face.digits.entered', { count: digits.length })}
        className="flex justify-center gap-28"
      >
        {Array.from({ length: wantedCount }, (_, i) => (
          <span
            key={i}
            aria-hidden="true"
            className={
              `tabular grid h-152 w-132 place-items-center rounded-tile text-title leading-none font-bold ring-3 ` +
              `ring-inset ${i === digits.length ? 'bg-card ring-jade' : 'bg-card ring-line'}`
            }
          >
            {digits[i] ?? ''}
          </span>
        ))}
      </p>
      <div
        className={
          'grid min-h-0 grid-cols-3 gap-24 portrait:auto-rows-[calc(var(--u)*168)] ' +
          'landscape:flex-1 landscape:auto-rows-fr'
        }
      >
        {keys.map((key) =>
          key === '' ? (
            <span key="none" />
          ) : (
            <Key key={key} testId={`key-${key}`} onPress={() => add(key)}>
              {key}
            </Key>
          ),
        )}
        <Key
          testId="key-delete"
          label={t('face.digits.delete')}
          onPress={() => setDigits(digits.slice(0, -1))}
        >
          <Delete className="size-72" aria-hidden="true" />
        </Key>
      </div>
    </div>
  );
}

function Key({
  testId,
  label,
  onPress,
  children,
}: {
  testId: string;
  label?: string;
  onPress: () => void;
  children: React.ReactNode;
}) {
  return (
    <Button
      data-testid={testId}
      onPress={onPress}
      {...(label === undefined ? {} : { 'aria-label': label })}
      className={
        'tabular grid min-h-128 place-items-center rounded-action bg-card text-title font-bold ' +
        'text-ink shadow-card ring-2 ring-line ring-inset data-pressed:bg-jade-soft'
      }
    >
      {children}
    </Button>
  );
}
