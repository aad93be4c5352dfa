import { Delete } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { useTranslation } from 'react-i18next';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'delete', '0', 'done'] as const;

interface NumberPadProps {
  readonly label: string;
  readonly value: string;
  /** Shown as dots. */
  readonly isSecret: boolean;
  readonly maxLength: number;
  readonly isDisabled: boolean;
  readonly doneLabel: string;
  readonly canBeDone: boolean;
  readonly onChange: (value: string) => void;
  readonly onDone: () => void;
}

/** One number and the keys for it. */
export function NumberPad(props: NumberPadProps) {
  const { label, value, isSecret, maxLength, isDisabled, doneLabel, canBeDone, onChange, onDone } = props;
  const { t } = useTranslation();
  const shown = isSecret ? '•'.repeat(value.length) : value;
  return (
    <div className="mx-auto flex h-full w-full max-w-900 flex-col gap-28">
      <div className="flex flex-col gap-12">
        <p id="pad-label" className="text-label text-soft">
          {label}
        </p>
        <p
          role="status"
          aria-labelledby="pad-label"
          data-testid="pad-value"
          className={
            'tabular grid min-h-128 place-items-center rounded-tile bg-card px-24 text-heading font-bold break-all ' +
            'ring-3 ring-jade ring-inset'
          }
        >
          {shown === '' ? '—' : shown}
        </p>
      </div>
      <div className="grid min-h-0 flex-1 auto-rows-fr grid-cols-3 gap-24">
        {keys.map((key) => {
          if (key === 'delete')
            return (
              <PadKey
                key={key}
                testId="key-delete"
                label={t('serviceMode.delete')}
                isDisabled={isDisabled}
                onPress={() => onChange(value.slice(0, -1))}
              >
                <Delete className="size-64" aria-hidden="true" />
              </PadKey>
            );
          if (key === 'done')
            return (
              <PadKey
                key={key}
                testId="key-done"
                isDisabled={isDisabled || !canBeDone}
                isMain
                onPress={onDone}
              >
                <span className="text-label leading-tight">{doneLabel}</span>
              </PadKey>
            );
          return (
            <PadKey
              key={key}
              testId={`key-${key}`}
              isDisabled={isDisabled}
              onPress={() => {
                if (value.length < maxLength) onChange(value + key);
              }}
            >
              {key}
            </PadKey>
          );
        })}
      </div>
    </div>
  );
}

function PadKey({
  testId,
  label,
  isDisabled,
  isMain = false,
  onPress,
  children,
}: {
  readonly testId: string;
  readonly label?: string;
  readonly isDisabled: boolean;
  readonly isMain?: boolean;
  readonly onPress: () => void;
  readonly children: ReactNode;
}) {
  const look = isMain
    ? 'bg-jade text-on-jade disabled:bg-off disabled:text-on-off'
    : 'bg-card text-ink ring-2 ring-line ring-inset data-pressed:bg-jade-soft disabled:text-on-off';
  return (
    <Button
      data-testid={testId}
      onPress={onPress}
      isDisabled={isDisabled}
      {...(label === undefined ? {} : { 'aria-label': label })}
      className={`tabular grid min-h-96 place-items-center rounded-action text-heading font-bold shadow-card ${look}`}
    >
      {children}
    </Button>
  );
}
